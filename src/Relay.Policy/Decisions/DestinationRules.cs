using Relay.Policy.Limits;
using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary>What one node may ask of one destination.</summary>
/// <param name="Connections">Most connections at once.</param>
/// <param name="Rate">Most messages in a time; null for as many as it takes.</param>
public readonly record struct DestinationRules(int Connections, Rate? Rate)
{
    /// <summary>The rate as a budget: what it gives in a second may go at once, one message at least. Null without a rate.</summary>
    public LimitBudget? Budget => Rate is { } rate
        ? new LimitBudget(rate.Count, rate.Period, Math.Max(1, rate.Count / (long)rate.Period.TotalSeconds))
        : null;
}
