using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary>How many connections clients may have, and how fast they may come. <c>relay.networks</c> are exempt from all but the
/// total.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Most connections at once, of all clients on one node.</summary>
    public int Total { get; init; } = 10_000;

    /// <summary>Most connections at once of one client: an IPv4 address or an IPv6 /64.</summary>
    public int PerClient { get; init; } = 20;

    /// <summary>Most connections at once of one network: an IPv4 /24 or an IPv6 /48.</summary>
    public int PerNetwork { get; init; } = 200;

    /// <summary>How fast connections of one client may come.</summary>
    public Rate RatePerClient { get; init; } = new(600, TimeSpan.FromMinutes(1));

    /// <summary>How long a client without a right waits for its greeting, and is refused when it speaks before; zero, without the key: nobody waits.</summary>
    public TimeSpan PregreetWait { get; init; }
}
