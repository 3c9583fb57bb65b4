using Relay.Smtp.Replies;

namespace Relay.Policy.Decisions;

/// <summary>What policy says of a client, a sender or a recipient.</summary>
public enum VerdictAction
{
    /// <summary>Yes.</summary>
    Accept,

    /// <summary>Not now: a 4xx reply.</summary>
    Defer,

    /// <summary>No: a 5xx reply.</summary>
    Refuse,
}

/// <summary>A decision, with the rule that made it. Built once when a policy is compiled, so that deciding allocates nothing.</summary>
/// <param name="Action">Yes, not now, or no.</param>
/// <param name="Rule">The rule that decided: a key of the document like <c>relay.networks["10.0.0.0/8"]</c>, or <c>default.…</c>.</param>
/// <param name="Reply">What to answer; null exactly for <see cref="VerdictAction.Accept"/>.</param>
/// <param name="Place">Where the rule is written: <c>policy.json:14</c>, or <c>line 14</c> of a document without a file; null for a rule
/// that is written nowhere.</param>
public sealed record Verdict(VerdictAction Action, string Rule, SmtpReply? Reply, string? Place = null)
{
    /// <summary>True for <see cref="VerdictAction.Accept"/>.</summary>
    public bool IsAccept => Action == VerdictAction.Accept;

    /// <summary>The rule with its place, as logs and people read it: <c>relay.never["10.66.0.0/16"] (policy.json:14)</c>.</summary>
    public string RuleAndPlace { get; } = Place is null ? Rule : $"{Rule} ({Place})";
}
