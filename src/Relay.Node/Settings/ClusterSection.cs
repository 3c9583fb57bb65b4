using System.Net;

namespace Relay.Node.Settings;

/// <summary>How this node meets the others.</summary>
public sealed record ClusterSection
{
    /// <summary>The role of a node that relays mail.</summary>
    public const string RelayRole = "relay";

    /// <summary>Where the other nodes reach this one; port 0 means a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>All nodes, the same everywhere; none for a cluster of one. Only this node itself is in force in this version.</summary>
    public IReadOnlyList<IPEndPoint> Seeds { get; init; } = [];

    /// <summary>What this node is in the cluster. Only <see cref="RelayRole"/> is in force in this version.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [RelayRole];

    /// <summary>Must be true before an address that is not loopback is used without TLS: whoever reaches it controls the node.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>The certificate between the nodes; null without one. Not in force in this version.</summary>
    public TlsSection? Tls { get; init; }
}
