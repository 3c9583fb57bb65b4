namespace Relay.Node.Penalties;

/// <summary>The bounds of what penalties cost.</summary>
internal sealed record PenaltyLimits
{
    /// <summary>Clients that are remembered. Only innocent ones are forgotten; of more nothing is remembered, and the other limits hold.</summary>
    public int ClientsMax { get; init; } = 50_000;

    /// <summary>Clients of one IPv6 /48 that are remembered each for itself; all others there count as one. A /24 has no more.</summary>
    public int ClientsPerNetworkMax { get; init; } = 256;

    /// <summary>How often it is looked who is innocent again.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);
}
