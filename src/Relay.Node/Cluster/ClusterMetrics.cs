using System.Diagnostics.Metrics;
using Akka.Cluster;
using Relay.Actors.Metrics;

namespace Relay.Node.Cluster;

/// <summary>What a node counts of its cluster.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    private const string Unreachable = "unreachable";

    private static readonly string[] Statuses =
        [.. Enum.GetValues<MemberStatus>().Where(static status => status != MemberStatus.Removed).Select(static status => status.ToString().ToLowerInvariant()), Unreachable];

    private readonly Meter _meter;

    /// <summary>Registers the instruments.</summary>
    public ClusterMetrics(MeterScope meters, ClusterState state)
    {
        _meter = meters.Make();
        _meter.CreateObservableGauge(
            "relay_cluster_members",
            () => Count(state),
            description: "Members of the cluster as this node sees it, by status; one that is unreachable counts as that alone.");
        _meter.CreateObservableCounter(
            "relay_cluster_messages", () => state.Wire.Sent, description: "Messages of Relay's own sent to other nodes; those by which Akka keeps the cluster do not count.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Count(ClusterState state)
    {
        var members = state.Picture?.Members ?? [];
        foreach (var status in Statuses)
        {
            var count = members.Count(member => (member.IsReachable ? member.Status : Unreachable) == status);
            yield return new Measurement<long>(count, new KeyValuePair<string, object?>("status", status));
        }
    }
}
