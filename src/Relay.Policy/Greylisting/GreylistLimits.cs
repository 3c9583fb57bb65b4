namespace Relay.Policy.Greylisting;

/// <summary>The bounds of what one shard remembers of strangers. In each the oldest gives way.</summary>
public sealed record GreylistLimits
{
    /// <summary>Triplets that have not come again yet.</summary>
    public int WaitingMax { get; init; } = 2_000;

    /// <summary>As many of these for one network, a /24 or a /48: whoever makes them up pushes out its own.</summary>
    public int WaitingPerNetworkMax { get; init; } = 256;

    /// <summary>Triplets that came again.</summary>
    public int KnownMax { get; init; } = 2_000;

    /// <summary>Clients of which triplets came again.</summary>
    public int ClientsMax { get; init; } = 1_000;
}
