using System.Globalization;
using Relay.Actors.Cluster;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>What of the cluster is not as it should be. None of it keeps a node from taking mail.</summary>
internal sealed class ClusterNotices : IHealthNotices
{
    private readonly ClusterState _state;
    private readonly NodeSettings _settings;

    public ClusterNotices(ClusterState state, NodeSettings settings) => (_state, _settings) = (state, settings);

    public IEnumerable<string> Notices => Of(_state.Picture, _settings.Cluster.Seeds.Count);

    /// <summary>What is to be said of a picture.</summary>
    /// <param name="picture">The cluster; null while its system does not run.</param>
    /// <param name="seeds">How many nodes there should be; 0 for a cluster of one.</param>
    public static IEnumerable<string> Of(ClusterPicture? picture, int seeds)
    {
        if (picture is not { IsMember: true })
        {
            yield return "the node is in no cluster: it relays by its last policy and its own share of every limit";
        }
        else
        {
            var reachable = picture.Members.Count(static member => member.IsReachable);
            if (reachable == 1 && (picture.Members.Length > 1 || seeds > 1))
            {
                yield return "the node is alone in its cluster";
            }

            if (reachable * 2 <= picture.Members.Length)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"the node is in a minority: it reaches {reachable} of {picture.Members.Length} members, itself included");
            }

            foreach (var member in picture.Members.Where(static member => !member.IsReachable))
            {
                yield return $"the member {member.Name} ({MemberAddress.Of(member.Id.Address)}) is unreachable";
            }
        }

        foreach (var seed in picture?.SilentSeeds ?? [])
        {
            yield return $"the seed {MemberAddress.Of(seed)} does not answer";
        }
    }
}
