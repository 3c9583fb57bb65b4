using Relay.Actors.Destinations;

namespace Relay.Actors.Tests.Destinations;

public sealed class DestinationLimitsTests
{
    [Fact]
    public void A_site_that_goes_on_turning_us_away_is_left_alone_twice_as_long_up_to_a_bound()
    {
        var limits = new DestinationLimits { ReopenTime = TimeSpan.FromSeconds(5), ReopenMax = TimeSpan.FromMinutes(1) };
        Assert.Equal([5, 10, 20, 40, 60, 60], Enumerable.Range(1, 6).Select(times => limits.PauseAfter(times).TotalSeconds));
        Assert.Equal(TimeSpan.FromMinutes(1), limits.PauseAfter(int.MaxValue));
    }
}
