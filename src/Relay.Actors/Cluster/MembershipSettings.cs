using System.Net;

namespace Relay.Actors.Cluster;

/// <summary>What the membership of a node works with.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Seeds">All nodes, in the order that is the same everywhere; empty for a cluster of one.</param>
/// <param name="Figures">Reads what only this node knows. Called on the actor's thread: must not wait.</param>
/// <param name="Observer">Hears of the cluster.</param>
/// <param name="Time">The clock.</param>
public sealed record MembershipSettings(
    string Name, IReadOnlyList<IPEndPoint> Seeds, Func<NodeFigures> Figures, IClusterObserver Observer, TimeProvider Time);
