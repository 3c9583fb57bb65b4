using Relay.Actors.Cluster;
using Relay.Actors.Pressure;
using Relay.Node.Cluster;

namespace Relay.Node.Pressure;

/// <summary>Whether pressure makes a node unready, so that a balancer prefers the others.</summary>
internal sealed class PressureHealth(IPressure pressure, ClusterState cluster)
{
    /// <summary>Why the node is not ready; null when pressure is no reason.</summary>
    public string? Reason => Of(pressure.Level, Others(cluster.Picture));

    /// <summary>Why a node is not ready; null when pressure is no reason.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="others">The levels of the other members that are reached.</param>
    public static string? Of(PressureLevel level, IReadOnlyCollection<PressureLevel> others)
    {
        switch (PressureTable.Of(level).Readiness)
        {
            case PressureReadiness.Never:
                return $"the pressure is {level}";
            case PressureReadiness.NotWhileMostOthersAreBelow when others.Count(other => other < level) * 2 > others.Count:
                return $"the pressure is {level}, and less at most other nodes";
            default:
                return null;
        }
    }

    // A node that is not reached, or has told nothing yet, is nobody to send mail to.
    private static PressureLevel[] Others(ClusterPicture? picture) => picture is null
        ? []
        : [.. picture.Members
            .Where(member => member is { IsReachable: true, Report: not null } && member.Id != picture.Self)
            .Select(static member => (PressureLevel)Math.Clamp(member.Report!.PressureLevel, 0, (int)PressureLevel.Critical))];
}
