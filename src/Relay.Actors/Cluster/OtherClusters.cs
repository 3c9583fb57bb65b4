using Relay.Messages.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>Notices that the seeds have come to be in two clusters, and decides which one gives itself up. Pure: no clock, no Akka.</summary>
/// <remarks>Nodes of two clusters never learn of each other through Akka. Only a chain of failures leads there, but then it would last for ever.</remarks>
public sealed class OtherClusters
{
    /// <summary>It must have looked so for this long: a node that is just joining, or was just removed, looks so for a moment.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly string[] _seeds;
    private readonly Dictionary<string, (TimeSpan Since, TimeSpan Last)> _seen = new(StringComparer.Ordinal);

    /// <summary>Knows of no other cluster.</summary>
    /// <param name="seeds">The addresses of all seeds, in their order.</param>
    public OtherClusters(IEnumerable<string> seeds) => _seeds = [.. seeds];

    /// <summary>A node has told of itself. True when this node is to leave its cluster for that one's.</summary>
    /// <param name="other">What was told.</param>
    /// <param name="own">What this node tells.</param>
    /// <param name="now">The moment, as time since any beginning.</param>
    public bool MustYield(NodeReport other, NodeReport own, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(own);
        if (!_seeds.Contains(other.Node.Address, StringComparer.Ordinal))
        {
            return false;
        }

        if (!AreApart(other, own))
        {
            _seen.Remove(other.Node.Address);
            return false;
        }

        var since = _seen.TryGetValue(other.Node.Address, out var seen) && now - seen.Last <= JoinPlan.HearingTime ? seen.Since : now;
        _seen[other.Node.Address] = (since, now);
        return now - since >= Patience && IsLess(own, other);
    }

    // Neither has the other in its list. One that was removed and does not know it yet still has this node in its own: that is Akka's to end.
    private static bool AreApart(NodeReport other, NodeReport own) =>
        own.IsMember && other.IsMember && IsWhole(own) && IsWhole(other) && !own.Members.Contains(other.Node) && !other.Members.Contains(own.Node);

    private static bool IsWhole(NodeReport report) => report.Members.Length < NodeReport.MembersMax;

    // Both sides come to the same answer: more reachable members, else the earlier seed, else the lower address.
    private bool IsLess(NodeReport own, NodeReport other)
    {
        if (own.ReachableMembers != other.ReachableMembers)
        {
            return own.ReachableMembers < other.ReachableMembers;
        }

        var (first, otherFirst) = (FirstSeed(own), FirstSeed(other));
        return first != otherFirst ? first > otherFirst : string.CompareOrdinal(LowestOf(own), LowestOf(other)) > 0;
    }

    private int FirstSeed(NodeReport report) =>
        Array.FindIndex(_seeds, seed => report.Members.Any(member => member.Address == seed)) is >= 0 and var index ? index : int.MaxValue;

    private static string? LowestOf(NodeReport report) => report.Members.Select(static member => member.Address).Min(StringComparer.Ordinal);
}
