using System.Collections.Immutable;
using Relay.Messages.Cluster;

namespace Relay.Actors.Tests.Cluster;

/// <summary>What nodes with short names tell.</summary>
internal static class Reports
{
    /// <summary>A report of a node in its first life, in a cluster of nodes in theirs, all of which it reaches.</summary>
    public static NodeReport Of(string node, ImmutableArray<string> members) => new(
        node, new MemberId(node, 1), [.. members.Select(static member => new MemberId(member, 1))], members.Length, 0, 0, 0, 0);
}
