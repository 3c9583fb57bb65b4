using Relay.Policy.Decisions;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/policy/explain</c>: what policy says of a recipient, and why.</summary>
/// <param name="Version">The policy's version; 0 without a policy.</param>
/// <param name="Action"><c>accept</c>, <c>defer</c> or <c>refuse</c>.</param>
/// <param name="Rule">The rule that decided.</param>
/// <param name="Place">Where the rule is written: <c>policy.json:14</c>, or <c>line 14</c>; null for one that is written nowhere.</param>
/// <param name="Reply">What the client is answered; null when the recipient is accepted.</param>
/// <param name="Recipient">Where the mail goes, which differs for a bare postmaster; null unless accepted.</param>
/// <param name="Route">The next hop that a route names; null for MX, and unless accepted.</param>
/// <param name="Steps">What was looked at, in order.</param>
/// <param name="Condition">What an accept depends on beside: <c>if the next hop knows the recipient</c>; null when it holds as it is.</param>
public sealed record ExplainAnswer(
    long Version,
    string Action,
    string Rule,
    string? Place,
    string? Reply,
    string? Recipient,
    string? Route,
    IReadOnlyList<ExplainStep> Steps,
    string? Condition = null)
{
    /// <summary>The answer for an explanation.</summary>
    public static ExplainAnswer Of(PolicyExplanation explanation)
    {
        var verdict = explanation.Verdict;
        return new ExplainAnswer(
            explanation.Version,
            NameOf(verdict.Action),
            verdict.Rule,
            verdict.Place,
            verdict.Reply?.ToString(),
            verdict.IsAccept ? explanation.ResolvedRecipient.Text : null,
            verdict.IsAccept ? explanation.Route?.Target.ToString() : null,
            [.. explanation.Steps.Select(step => new ExplainStep(step.Key, step.Finding, step.Action is { } action ? NameOf(action) : null))],
            explanation.Condition);
    }

    private static string NameOf(VerdictAction action) => action switch
    {
        VerdictAction.Accept => "accept",
        VerdictAction.Defer => "defer",
        _ => "refuse",
    };
}

/// <summary>One step of a decision.</summary>
/// <param name="Key">The key of the policy that was looked at.</param>
/// <param name="Finding">What came of it.</param>
/// <param name="Action">What it decided; null when the next step was looked at.</param>
public sealed record ExplainStep(string Key, string Finding, string? Action);
