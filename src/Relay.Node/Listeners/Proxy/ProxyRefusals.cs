namespace Relay.Node.Listeners.Proxy;

/// <summary>Why a connection to a listener behind a balancer is closed before any greeting, as log and metrics name it.</summary>
internal static class ProxyRefusals
{
    /// <summary>The peer is none of the listener's balancers.</summary>
    public const string UntrustedPeer = "ProxyProtocol:Trusted";

    /// <summary>A balancer began without a header.</summary>
    public const string MissingHeader = "PROXY header missing";

    /// <summary>A balancer's header breaks the protocol, or ends too early.</summary>
    public const string MalformedHeader = "PROXY header malformed";

    /// <summary>A balancer's header was not whole in time.</summary>
    public const string LateHeader = "PROXY header late";

    /// <summary>There are enough conversations on in which a balancer speaks for itself.</summary>
    public const string UnknownClients = "PROXY clients unknown";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [UntrustedPeer, MissingHeader, MalformedHeader, LateHeader, UnknownClients];
}
