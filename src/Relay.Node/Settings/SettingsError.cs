using System.Globalization;

namespace Relay.Node.Settings;

/// <summary>One thing that is wrong with the settings.</summary>
/// <param name="Source">The file as it was named, the environment variable, or <see cref="CommandLineSource"/>.</param>
/// <param name="Line">The line in the file, from 1; null where there is none.</param>
/// <param name="Key">The key, such as <c>Listeners:0:Address</c>; empty when the whole source is meant.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record SettingsError(string Source, int? Line, string Key, string Message)
{
    /// <summary>The <see cref="Source"/> of what the command line says.</summary>
    public const string CommandLineSource = "command line";

    /// <summary><c>file:line: key</c>, without the parts there are none of.</summary>
    public string Place
    {
        get
        {
            var source = Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{Source}:{line}") : Source;
            return Key.Length == 0 ? source : $"{source}: {Key}";
        }
    }

    /// <summary><c>file:line: key: message</c>, without the parts there are none of.</summary>
    public override string ToString() => $"{Place}: {Message}";
}
