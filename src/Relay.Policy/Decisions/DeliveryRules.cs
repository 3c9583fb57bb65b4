using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary>How mail leaves.</summary>
public sealed record DeliveryRules
{
    /// <summary>Most connections at once from one node to one destination.</summary>
    public int ConnectionsPerDestination { get; init; } = 20;

    /// <summary>Most messages in a time from one node to one destination; null for as many as it takes.</summary>
    public Rate? RatePerDestination { get; init; }

    /// <summary>How long a deferred message waits after each attempt.</summary>
    public RetrySchedule Retry { get; init; } = RetrySchedule.Default;

    /// <summary>What connections demand of TLS where no route says otherwise.</summary>
    public TlsLevel Tls { get; init; } = TlsLevel.May;

    /// <summary>How long after its arrival a message that could not be delivered is given up and returned.</summary>
    public TimeSpan Expire { get; init; } = TimeSpan.FromDays(5);

    /// <summary>How long after its arrival the sender of a message that could not be delivered yet is told so, once.</summary>
    public TimeSpan WarnAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Private, loopback and other special networks that next hops found by DNS may lie in; none by default.</summary>
    public IReadOnlyList<NetworkRange> NextHopNetworks { get; init; } = [];
}
