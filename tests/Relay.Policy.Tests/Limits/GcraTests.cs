using Relay.Policy.Limits;

namespace Relay.Policy.Tests.Limits;

public sealed class GcraTests
{
    private const long Start = 5_000_000_000;

    private static readonly LimitBudget PerMinute = new(60, TimeSpan.FromMinutes(1), 10);

    [Fact]
    public void New_bucket_has_the_burst_and_then_the_rate()
    {
        var bucket = default(Gcra);
        Assert.Equal(10, bucket.Take(Start, PerMinute, 1, 100));
        Assert.Equal(0, bucket.Take(Start, PerMinute, 1, 1));
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.TimeUntil(Start, PerMinute, 1));
        Assert.Equal(0, bucket.Take(Start + TimeSpan.TicksPerSecond - 1, PerMinute, 1, 1));
        Assert.Equal(1, bucket.Take(Start + TimeSpan.TicksPerSecond, PerMinute, 1, 1));
        Assert.Equal(0, bucket.Take(Start + TimeSpan.TicksPerSecond, PerMinute, 1, 1));
    }

    [Fact]
    public void Empty_bucket_fills_from_the_moment_on()
    {
        var bucket = Gcra.EmptyAt(Start, PerMinute);
        Assert.Equal(0, bucket.Take(Start, PerMinute, 1, 1));
        Assert.Equal(TimeSpan.FromSeconds(10), bucket.TimeUntilFull(Start));
        Assert.Equal(3, bucket.Available(Start + (3 * TimeSpan.TicksPerSecond), PerMinute));
        Assert.Equal(10, bucket.Available(Start + TimeSpan.TicksPerDay, PerMinute));
    }

    [Fact]
    public void Need_over_the_burst_is_met_by_a_full_bucket_and_owed_for()
    {
        var bucket = default(Gcra);
        Assert.Equal(1, bucket.Take(Start, PerMinute, 1, 1));
        Assert.Equal(0, bucket.Take(Start, PerMinute, 25, 25));
        var full = Start + TimeSpan.TicksPerSecond;
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.TimeUntil(Start, PerMinute, 25));
        Assert.Equal(25, bucket.Take(full, PerMinute, 25, 25));
        Assert.Equal(0, bucket.Available(full + (15 * TimeSpan.TicksPerSecond), PerMinute));
        Assert.Equal(1, bucket.Available(full + (16 * TimeSpan.TicksPerSecond), PerMinute));
    }

    [Fact]
    public void Returned_tokens_are_there_again()
    {
        var bucket = default(Gcra);
        Assert.Equal(8, bucket.Take(Start, PerMinute, 1, 8));
        bucket.Return(PerMinute, 5);
        Assert.Equal(7, bucket.Available(Start, PerMinute));
        bucket.Return(PerMinute, 500);
        Assert.Equal(10, bucket.Available(Start, PerMinute));
    }

    [Fact]
    public void Debit_goes_below_empty()
    {
        var bucket = default(Gcra);
        bucket.Debit(Start, PerMinute, 12);
        Assert.Equal(TimeSpan.FromSeconds(3), bucket.TimeUntil(Start, PerMinute, 1));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 60)]
    [InlineData(1_000_000_000, 1)]
    [InlineData(1_000_000_000, 86_400)]
    public void Rate_is_met_to_a_millionth_and_never_passed(long count, int seconds)
    {
        var budget = new LimitBudget(count, TimeSpan.FromSeconds(seconds), count);
        var bucket = Gcra.EmptyAt(Start, budget);
        var there = bucket.Available(Start + (seconds * TimeSpan.TicksPerSecond), budget);
        Assert.InRange(there, count - 1 - (count / 1_000_000), count);
    }

    [Fact]
    public void Share_of_a_budget_is_a_part_of_its_rate_and_burst()
    {
        Assert.Equal(new LimitBudget(60, TimeSpan.FromMinutes(3), 3), PerMinute.ShareOf(3));
        Assert.Equal(1, PerMinute.ShareOf(50).Burst);
        Assert.True(new LimitBudget(1, TimeSpan.FromDays(1), 1).ShareOf(5000).IsValid);
    }

    [Theory]
    [InlineData(299, 3, 100, 1, 5)]
    [InlineData(150, 3, 40, 1, 4)]
    [InlineData(150, 3, 11, 1, 1)]
    [InlineData(60_000, 1, 60_000, 1, 200)]
    [InlineData(60_000, 4, 60_000, 1, 50)]
    [InlineData(60_000, 1, 100, 1, 25)]
    [InlineData(60_000, 1, 100, 70, 70)]
    [InlineData(60_000, 1000, 100, 1, 1)]
    public void Lease_is_what_a_node_needs_for_a_moment(long perMinute, int nodes, long burst, long need, long want)
    {
        var budget = new LimitBudget(perMinute, TimeSpan.FromMinutes(1), burst);
        Assert.Equal(want, LeaseSizes.Want(budget, LeaseSizes.Of(budget, nodes, usedLately: 0), need));
    }

    [Theory]
    [InlineData(150, 40, 2.9, 3)]
    [InlineData(150, 40, 12.5, 12)]
    [InlineData(150, 40, 500, 29)]
    [InlineData(150, 10, 500, 5)]
    [InlineData(150, 3, 500, 0)]
    [InlineData(60_000, 1000, 500, 66)]
    public void Reserve_of_a_slow_limit_is_what_a_key_needs_and_leaves_others_some_of_the_burst(long perMinute, long burst, double usedLately, long size)
    {
        Assert.Equal(size, LeaseSizes.Of(new LimitBudget(perMinute, TimeSpan.FromMinutes(1), burst), 3, usedLately));
    }
}
