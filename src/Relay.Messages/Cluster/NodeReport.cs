using System.Collections.Immutable;
using Relay.Messages.Wire;

namespace Relay.Messages.Cluster;

/// <summary>What a node tells of itself, every second: to the other members, and to the seeds that it does not find among them.</summary>
/// <param name="Name">The node's name in its settings; empty for a program that has none.</param>
/// <param name="Node">Who tells.</param>
/// <param name="Members">The cluster that it is in, itself included, at most <see cref="MembersMax"/> of it; empty while it is in none.</param>
/// <param name="ReachableMembers">How many of that cluster's members it finds reachable, itself included.</param>
/// <param name="PolicyVersion">The version of the policy that it has in force.</param>
/// <param name="QueueMessages">Messages in its queue.</param>
/// <param name="PressureLevel">0 Normal to 3 Critical.</param>
/// <param name="Shards">Parts of the limits' budgets that live on it.</param>
public sealed record NodeReport(
    string Name,
    MemberId Node,
    ImmutableArray<MemberId> Members,
    int ReachableMembers,
    long PolicyVersion,
    long QueueMessages,
    int PressureLevel,
    int Shards) : IWireMessage
{
    /// <summary>Most members that a report names.</summary>
    public const int MembersMax = 250;

    /// <summary>Longest name, in characters.</summary>
    public const int NameCharactersMax = 64;

    /// <summary>True when the node is in a cluster.</summary>
    public bool IsMember => !Members.IsEmpty;
}
