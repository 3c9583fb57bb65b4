using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary>How policy decides about one recipient: every step looked at, in order, with its result.</summary>
/// <param name="Version">The policy's version; 0 without a policy.</param>
/// <param name="Client">Who asks.</param>
/// <param name="Sender">The reverse-path.</param>
/// <param name="Recipient">The forward-path as sent.</param>
/// <param name="Steps">What was looked at, in order. Steps behind the one that refused are not looked at.</param>
/// <param name="Verdict">The decision: the first that is not an accept, of client, sender and recipient.</param>
/// <param name="ResolvedRecipient">Where an accepted recipient's mail goes: another path only for bare postmaster.</param>
/// <param name="Route">The route of an accepted recipient's domain; null: by MX.</param>
public sealed record PolicyExplanation(
    long Version,
    ClientFacts Client,
    MailPath Sender,
    MailPath Recipient,
    IReadOnlyList<PolicyStep> Steps,
    Verdict Verdict,
    MailPath ResolvedRecipient,
    Route? Route)
{
    /// <summary>What an accept depends on beside: <c>if the next hop knows the recipient</c>; null when it holds as it is, and for a
    /// refusal.</summary>
    public string? Condition { get; init; }
}

/// <summary>One step of a decision.</summary>
/// <param name="Key">What was looked at: a key of the document, like <c>relay.never</c>.</param>
/// <param name="Finding">What came of it, for a person: <c>holds 10.0.0.7: relay.never["10.0.0.0/8"]</c>.</param>
/// <param name="Action">What this step decided; null when it decided nothing and the next one was looked at.</param>
public sealed record PolicyStep(string Key, string Finding, VerdictAction? Action);
