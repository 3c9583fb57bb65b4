namespace Relay.Actors.Destinations;

/// <summary>The bounds of one destination.</summary>
public sealed record DestinationLimits
{
    /// <summary>Items pulled at once, at most; else twice the window. Default 64.</summary>
    public int PullMax { get; init; } = 64;

    /// <summary>More is pulled when fewer items than this, or than the window, wait for a connection. Default 32.</summary>
    public int LowWater { get; init; } = 32;

    /// <summary>A destination without work and connections is let go after this. Default 1 minute.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A site that refuses one more connection, but keeps those it has, is not asked for another before this; nor is one that answers a mail with 421, and
    /// each time it does so again it is left alone twice as long. Default 5 seconds.
    /// </summary>
    public TimeSpan ReopenTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a site is left alone because of 421. Default 1 minute.</summary>
    public TimeSpan ReopenMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a site is left alone that has closed connections with 421 so many times in a row, from 1.</summary>
    internal TimeSpan PauseAfter(int times)
    {
        var pause = ReopenTime;
        for (var i = 1; i < times && pause < ReopenMax; i++)
        {
            pause *= 2;
        }

        return pause < ReopenMax || times <= 1 ? pause : ReopenMax;
    }
}
