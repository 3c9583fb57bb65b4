using Relay.Actors.Destinations;
using Relay.Policy.Decisions;
using Relay.Policy.Values;

namespace Relay.Actors.Tests.Destinations;

public sealed class DestinationPaceTests
{
    private static readonly DestinationRules TwoPerSecond = new(20, new Rate(120, TimeSpan.FromMinutes(1)));

    private readonly DestinationPace _pace = new();

    [Fact]
    public void In_a_minute_go_as_many_as_the_rate_says_and_a_second_of_it_at_once()
    {
        var begun = new List<long>();
        var now = 0L;
        while (now <= TimeSpan.TicksPerMinute)
        {
            if (_pace.WaitFor(TwoPerSecond, now) is var wait && wait == TimeSpan.Zero)
            {
                _pace.Begin(TwoPerSecond, now);
                begun.Add(now);
            }

            now += wait.Ticks;
        }

        Assert.Equal(122, begun.Count);
        Assert.Equal([0, 0, TimeSpan.TicksPerSecond / 2, TimeSpan.TicksPerSecond], begun.Take(4));
    }

    [Fact]
    public void Without_a_rate_nothing_waits_and_nothing_is_owed()
    {
        var free = new DestinationRules(20, null);
        _pace.Begin(free, 0);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (_pace.WaitFor(free, 0), _pace.UntilRested(0)));
    }

    [Fact]
    public void What_is_owed_stays_owed_under_another_rate_and_is_rested_from_in_the_end()
    {
        var daily = new DestinationRules(20, new Rate(1, TimeSpan.FromDays(1)));
        _pace.Begin(daily, 0);
        Assert.Equal(TimeSpan.FromDays(1), _pace.WaitFor(daily, 0));
        Assert.True(_pace.WaitFor(TwoPerSecond, 0) > TimeSpan.FromHours(23));
        Assert.Equal(TimeSpan.FromDays(1), _pace.UntilRested(0));
        Assert.Equal(TimeSpan.Zero, _pace.UntilRested(TimeSpan.TicksPerDay));
    }
}
