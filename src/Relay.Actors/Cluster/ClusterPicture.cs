using System.Collections.Immutable;
using Relay.Messages.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>The cluster as one node sees it at one moment.</summary>
/// <param name="Self">This life of the node.</param>
/// <param name="Members">All members, by address; empty while it is in no cluster.</param>
/// <param name="SilentSeeds">Seeds that are no members and have not been heard of lately, by address.</param>
public sealed record ClusterPicture(MemberId Self, ImmutableArray<MemberPicture> Members, ImmutableArray<string> SilentSeeds)
{
    /// <summary>True when this node is in a cluster.</summary>
    public bool IsMember => !Members.IsEmpty;
}

/// <summary>One member as a node sees it.</summary>
/// <param name="Id">Its address, and which life of it this is.</param>
/// <param name="Roles">Its roles, sorted.</param>
/// <param name="Status"><c>joining</c>, <c>weaklyup</c>, <c>up</c>, <c>leaving</c>, <c>exiting</c> or <c>down</c>.</param>
/// <param name="IsReachable">False when this node, or one that it trusts, does not hear of it.</param>
/// <param name="Report">What it last told of itself; null when it has told nothing yet.</param>
public sealed record MemberPicture(MemberId Id, ImmutableArray<string> Roles, string Status, bool IsReachable, NodeReport? Report)
{
    /// <summary>Its name; its address while it has told none.</summary>
    public string Name => Report is { Name.Length: > 0 } report ? report.Name : Id.Address;
}
