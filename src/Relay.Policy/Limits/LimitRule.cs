using Relay.Policy.Decisions;

namespace Relay.Policy.Limits;

/// <summary>A limit, compiled: with what is said of those who are over it.</summary>
public sealed class LimitRule
{
    internal LimitRule(RateLimit limit, PolicyRule rule)
    {
        Limit = limit;
        Refusal = Verdicts.OverLimit(limit, rule);
        Unavailable = Verdicts.LimitUnavailable(limit, rule);
    }

    /// <summary>The limit.</summary>
    public RateLimit Limit { get; }

    /// <summary>Said when the budget is used up: <c>450 4.7.1</c> for messages and bytes, <c>452 4.5.3</c> for recipients,
    /// <c>421 4.7.0</c> for connections.</summary>
    public Verdict Refusal { get; }

    /// <summary>Said when the limit cannot be asked and <c>onLimitUnavailable</c> is <c>defer</c>.</summary>
    public Verdict Unavailable { get; }
}
