using BenchmarkDotNet.Attributes;
using Relay.Policy.Limits;

namespace Relay.Benchmarks;

/// <summary>What one decision of a rate limit costs.</summary>
public class GcraBenchmarks
{
    private static readonly LimitBudget Budget = new(100, TimeSpan.FromMinutes(1), 200);
    private Gcra _bucket;
    private long _now = TimeSpan.TicksPerDay;

    [Benchmark]
    public long Take() => _bucket.Take(_now += TimeSpan.TicksPerMillisecond, Budget, need: 1, want: 5);
}
