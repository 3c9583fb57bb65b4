using Relay.Flood.Load;

namespace Relay.Flood.Tests.Load;

public sealed class LatenciesTests
{
    [Fact]
    public void Percentiles_are_those_of_what_was_recorded()
    {
        var latencies = Of(Enumerable.Range(1, 1000));
        Within(500, latencies.At(50));
        Within(990, latencies.At(99));
        Within(999, latencies.At(99.9));
        Within(1000, latencies.At(100));
    }

    [Fact]
    public void Merging_is_the_same_as_recording_all_in_one()
    {
        var parts = new[] { Of(Enumerable.Range(1, 100)), Of(Enumerable.Range(901, 100)), new Latencies() };
        var merged = Latencies.Merge(parts);
        var whole = Of([.. Enumerable.Range(1, 100), .. Enumerable.Range(901, 100)]);
        Assert.Equal(200, merged.Count);
        foreach (var percentile in new[] { 1, 25, 50, 51, 75, 99.0 })
        {
            Assert.Equal(whole.At(percentile), merged.At(percentile));
        }

        Assert.Equal(100, parts[0].Count);
    }

    [Fact]
    public void None_has_no_percentile() => Assert.Null(new Latencies().At(99));

    [Fact]
    public void What_takes_longer_than_can_be_counted_counts_as_the_longest()
    {
        var latencies = new Latencies();
        latencies.Record(TimeSpan.FromHours(5));
        latencies.Record(TimeSpan.FromSeconds(-1));
        Assert.Equal(2, latencies.Count);
        Assert.InRange(latencies.At(100)!.Value, Latencies.Longest * 0.99, Latencies.Longest * 1.02);
        Assert.Equal(TimeSpan.Zero, latencies.At(1));
    }

    private static Latencies Of(IEnumerable<int> milliseconds)
    {
        var latencies = new Latencies();
        foreach (var value in milliseconds)
        {
            latencies.Record(TimeSpan.FromMilliseconds(value));
        }

        return latencies;
    }

    private static void Within(double milliseconds, TimeSpan? latency) =>
        Assert.InRange(latency!.Value.TotalMilliseconds, milliseconds * 0.99, milliseconds * 1.01);
}
