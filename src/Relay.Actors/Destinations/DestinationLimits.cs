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

    /// <summary>A site that refuses one more connection, but keeps those it has, is not asked for another before this. Default 5 seconds.</summary>
    public TimeSpan ReopenTime { get; init; } = TimeSpan.FromSeconds(5);
}
