namespace Relay.Policy.Documents;

/// <summary>Something wrong in a policy document, or worth a warning.</summary>
/// <param name="Key">Where: a path like <c>relay.networks[1]</c> or <c>recipients["relay.example"]</c>; <c>(document)</c> for the
/// whole.</param>
/// <param name="Line">The line in the document, from 1.</param>
/// <param name="Message">What is wrong, for a person: one line, without the place.</param>
public sealed record PolicyError(string Key, int Line, string Message)
{
    /// <summary>The place and the message: <c>line 4: relay.networks[1]: …</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {Line}: {Key}: {Message}");
}
