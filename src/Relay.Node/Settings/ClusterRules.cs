using System.Net;
using Relay.Actors.Cluster;
using Relay.Policy.Documents;

namespace Relay.Node.Settings;

/// <summary>What the settings of the cluster must hold beyond their types.</summary>
internal static class ClusterRules
{
    private static readonly string[] NodeRoles = [ClusterRoles.Relay, ClusterRoles.Witness];

    /// <summary>The seeds: this node is one of them, where the others know it, and each is there once.</summary>
    public static void RefuseSeeds(SectionReader reader, ClusterSection cluster)
    {
        if (!reader.IsSound || cluster.Seeds.Count == 0)
        {
            return;
        }

        const string key = nameof(ClusterSection.Seeds);
        foreach (var (index, seed) in cluster.Seeds.Index())
        {
            if (cluster.Seeds.Take(index).Contains(seed))
            {
                reader.Refuse(SettingPath.Join(key, index), $"{seed} is there twice");
            }

            if (seed.Address.Equals(IPAddress.Any) || seed.Address.Equals(IPAddress.IPv6Any))
            {
                reader.Refuse(SettingPath.Join(key, index), $"{seed} names no machine");
            }
        }

        if (cluster.Address.Port == 0)
        {
            reader.Refuse(nameof(ClusterSection.Address), $"{cluster.Address} is a free port: with {key} the others must know which, so give one");
        }
        else if (!cluster.Seeds.Contains(cluster.Address))
        {
            reader.Refuse(key, $"lacks {cluster.Address}, this node's own {nameof(ClusterSection.Address)}: every node has the same list of all nodes");
        }
    }

    /// <summary>The roles: exactly one, of those that a node can have.</summary>
    public static void RefuseRoles(SectionReader reader, ClusterSection cluster)
    {
        if (!reader.IsSound)
        {
            return;
        }

        const string key = nameof(ClusterSection.Roles);
        foreach (var (index, role) in cluster.Roles.Index())
        {
            if (role == ClusterRoles.Client)
            {
                reader.Refuse(SettingPath.Join(key, index), $"\"{role}\" is for programs that join the cluster: a node is {Choice}");
            }
            else if (!NodeRoles.Contains(role, StringComparer.Ordinal))
            {
                var hint = NearestKey.Hint(role, NodeRoles, $"a node is {Choice}");
                reader.Refuse(SettingPath.Join(key, index), $"{ShownText.Quote(role)} is no role; {hint}");
            }
        }

        if (cluster.Roles.Count != 1)
        {
            reader.Refuse(key, $"must be one role: a node is {Choice}");
        }
    }

    /// <summary>A witness takes no mail.</summary>
    public static void RefuseListeners(SectionReader root, ClusterSection cluster, int listeners)
    {
        const string key = nameof(NodeSettings.Listeners);
        if (cluster.IsWitness && listeners > 0)
        {
            root.Refuse(key, $"a {ClusterRoles.Witness} takes no mail: leave {key} out");
        }
    }

    private static string Choice => string.Join(" or ", NodeRoles.Select(static role => $"\"{role}\""));
}
