using Relay.Policy.Values;

namespace Relay.Actors.Destinations;

/// <summary>The bounds of one destination.</summary>
public sealed record DestinationLimits
{
    /// <summary>Items pulled at once. Default 64.</summary>
    public int PullMax { get; init; } = 64;

    /// <summary>More is pulled when fewer items than this wait for a connection. Default 32.</summary>
    public int LowWater { get; init; } = 32;

    /// <summary>A destination without work and connections is let go after this. Default 1 minute.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A site that refuses one more connection, but keeps those it has, is not asked for another before this. Default 5 seconds.</summary>
    public TimeSpan ReopenTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A site that cannot be reached is left alone for this, doubled with each failure. Default 1 minute.</summary>
    public TimeSpan ParkTimeMin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>… and for this at the most. Default 15 minutes.</summary>
    public TimeSpan ParkTimeMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a site is left alone after its <paramref name="failures"/>th failure in a row: never longer than the policy's own retry.</summary>
    public TimeSpan ParkTime(int failures, RetrySchedule retry)
    {
        ArgumentNullException.ThrowIfNull(retry);
        var doubled = ParkTimeMin * Math.Pow(2, Math.Min(failures - 1, 10));
        var bounded = doubled < ParkTimeMax ? doubled : ParkTimeMax;
        var scheduled = retry.Delay(failures);
        return scheduled < bounded ? scheduled : bounded;
    }
}
