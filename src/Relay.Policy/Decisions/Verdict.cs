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
public sealed record Verdict(VerdictAction Action, string Rule, SmtpReply? Reply)
{
    /// <summary>True for <see cref="VerdictAction.Accept"/>.</summary>
    public bool IsAccept => Action == VerdictAction.Accept;
}
