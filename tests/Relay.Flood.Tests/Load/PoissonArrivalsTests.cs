using Relay.Flood.Load;

namespace Relay.Flood.Tests.Load;

public sealed class PoissonArrivalsTests
{
    [Fact]
    public void Gaps_have_the_mean_and_the_spread_of_a_Poisson_process()
    {
        const double rate = 200;
        var arrivals = new PoissonArrivals(rate, new Random(7));
        var gaps = new List<double>();
        var last = TimeSpan.Zero;
        while (arrivals.TryTake(TimeSpan.FromSeconds(100), out var at))
        {
            gaps.Add((at - last).TotalSeconds);
            last = at;
        }

        var mean = gaps.Average();
        var deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.InRange(mean, 0.97 / rate, 1.03 / rate);
        Assert.InRange(deviation, 0.95 / rate, 1.05 / rate);
    }

    [Fact]
    public void The_same_seed_gives_the_same_times()
    {
        var (one, other) = (new PoissonArrivals(50, new Random(3)), new PoissonArrivals(50, new Random(3)));
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(one.TryTake(TimeSpan.MaxValue, out var first) && other.TryTake(TimeSpan.MaxValue, out var second) && first == second);
        }
    }

    [Fact]
    public void Nothing_is_due_before_its_time_and_what_was_missed_keeps_its_time()
    {
        var arrivals = new PoissonArrivals(10, new Random(1));
        var due = arrivals.Next;
        Assert.False(arrivals.TryTake(due - TimeSpan.FromTicks(1), out _));
        Assert.True(arrivals.TryTake(due + TimeSpan.FromMinutes(1), out var intended));
        Assert.Equal(due, intended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_rate_is_above_zero(double rate) => Assert.Throws<ArgumentOutOfRangeException>(() => new PoissonArrivals(rate, new Random(1)));
}
