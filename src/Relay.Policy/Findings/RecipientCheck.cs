namespace Relay.Policy.Findings;

/// <summary>How it is found out whether a recipient of an accepted domain exists, before it is accepted.</summary>
/// <param name="Kind">Who knows.</param>
/// <param name="File">The list of recipients, relative to the policy's folder; null unless <see cref="RecipientCheckKind.File"/>.</param>
/// <param name="Rule">The rule that asks for it: <c>recipients["relay.example"]</c>.</param>
public sealed record RecipientCheck(RecipientCheckKind Kind, string? File, string Rule);

/// <summary>Who knows the recipients of an accepted domain.</summary>
public enum RecipientCheckKind
{
    /// <summary>A file with one recipient a line.</summary>
    File,

    /// <summary>The next hop, asked with RCPT.</summary>
    Callout,
}

/// <summary>What was found out about a recipient.</summary>
public enum RecipientFinding
{
    /// <summary>It exists.</summary>
    Known,

    /// <summary>It does not exist.</summary>
    Unknown,

    /// <summary>It could not be found out now: whoever knows did not say.</summary>
    Trouble,

    /// <summary>It was not asked for, because bounds of ours were reached: put off whatever the policy says of trouble, for strangers can bring
    /// that about.</summary>
    Busy,
}
