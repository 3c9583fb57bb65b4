using System.Diagnostics.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;

namespace Relay.Actors.Metrics;

/// <summary>What a node counts of the policy's limits. A limit's series exists from the moment that the policy names it.</summary>
public sealed class LimitMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly PolicyAgent _policy;

    /// <summary>Registers the instruments.</summary>
    public LimitMetrics(MeterScope meters, PolicyAgent policy)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(policy);
        _meter = meters.Make();
        _policy = policy;
        var limits = policy.Limits;
        _meter.CreateObservableCounter("relay_limit_refusals", Refusals, description: "Mails, recipients and connections refused by a limit of the policy.");
        _meter.CreateObservableCounter("relay_limit_looks", () => Looks(limits.Counts), description: "Mails, recipients and connections held against limits: decided by what the node holds, or asked for.");
        _meter.CreateObservableCounter("relay_limit_requests", () => limits.Counts.Requests, description: "Requests sent to the budgets of limits.");
        _meter.CreateObservableCounter("relay_limit_timeouts", () => limits.Counts.Timeouts, description: "Requests that no budget answered in time.");
        _meter.CreateObservableGauge("relay_limit_budgets", () => limits.Budgets.Total, description: "Budgets of limits that live on this node.");
        _meter.CreateObservableGauge("relay_limit_shards", () => limits.Shards, description: "Shards of budgets of limits that live on this node.");
        _meter.CreateObservableGauge("relay_limit_keys", () => limits.Leases.Keys, description: "Keys that this node holds leases or refusals of.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Looks(LimitCounts counts) =>
    [
        new(counts.Hits, new KeyValuePair<string, object?>("result", "hit")),
        new(counts.Misses, new KeyValuePair<string, object?>("result", "miss")),
    ];

    private IEnumerable<Measurement<long>> Refusals()
    {
        foreach (var rule in _policy.Current.RateLimits.All)
        {
            _policy.Limits.Counts.Known(rule.Limit.Name);
        }

        return _policy.Limits.Counts.Refusals.Select(static refusals =>
            new Measurement<long>(refusals.Value, new KeyValuePair<string, object?>("limit", refusals.Key)));
    }
}
