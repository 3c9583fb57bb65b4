using System.Net;

namespace Relay.Node.Listeners.Proxy;

/// <summary>What the first octets of a connection are.</summary>
internal enum ProxyHeaderState
{
    /// <summary>The beginning of a header: more octets are needed.</summary>
    Incomplete,

    /// <summary>A whole header.</summary>
    Complete,

    /// <summary>No header, and no beginning of one.</summary>
    Missing,

    /// <summary>A header that breaks the PROXY protocol, or is longer than anyone needs.</summary>
    Malformed,
}

/// <summary>A PROXY protocol header, of version 1 or 2.</summary>
/// <param name="Length">Its octets; what the client says begins behind them.</param>
/// <param name="Client">The client's address, IPv4-mapped forms as IPv4. Null where the balancer speaks for itself (LOCAL) or does not say
/// for whom (UNKNOWN, and families that have no IP addresses).</param>
internal readonly record struct ProxyHeader(int Length, IPAddress? Client);
