using System.Net;
using Relay.Actors.Cluster;

namespace Relay.Node.Settings;

/// <summary>How this node meets the others.</summary>
public sealed record ClusterSection
{
    /// <summary>Where the other nodes reach this one; port 0 means a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>All nodes, in the same order everywhere; none for a cluster of one.</summary>
    public IReadOnlyList<IPEndPoint> Seeds { get; init; } = [];

    /// <summary>What this node is in the cluster: <see cref="ClusterRoles.Relay"/> or <see cref="ClusterRoles.Witness"/>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [ClusterRoles.Relay];

    /// <summary>Must be true before an address that is not loopback is used without TLS: whoever reaches it controls the node.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>The certificate between the nodes; null without one: then they speak in plaintext.</summary>
    public ClusterTlsSection? Tls { get; init; }

    /// <summary>True for a node that has no mail.</summary>
    internal bool IsWitness => Roles.Contains(ClusterRoles.Witness, StringComparer.Ordinal);

    /// <summary>True for a node that relays mail.</summary>
    internal bool IsRelay => Roles.Contains(ClusterRoles.Relay, StringComparer.Ordinal);
}
