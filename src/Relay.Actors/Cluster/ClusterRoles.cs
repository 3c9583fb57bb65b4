using Akka.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>What a member of the cluster is.</summary>
public static class ClusterRoles
{
    /// <summary>A node that relays mail.</summary>
    public const string Relay = "relay";

    /// <summary>A node that has no mail, and gives two relays a majority.</summary>
    public const string Witness = "witness";

    /// <summary>A program that joins to ask or to command; no node is one.</summary>
    public const string Client = "client";

    /// <summary>The nodes that relay mail, without this one, as this one sees the cluster now.</summary>
    public static IEnumerable<Member> OtherRelays(Akka.Cluster.Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.State.Members.Where(member => member.HasRole(Relay) && member.UniqueAddress != cluster.SelfUniqueAddress);
    }

    /// <summary>Those of them that can be reached.</summary>
    public static IEnumerable<Member> ReachableRelays(Akka.Cluster.Cluster cluster) => OtherRelays(cluster).Except(cluster.State.Unreachable);

    /// <summary>True for a member that is a node, and not only a program that has joined.</summary>
    public static bool IsNode(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.HasRole(Relay) || member.HasRole(Witness);
    }
}
