using Relay.Flood.Attacks;
using Relay.Flood.Load;
using Relay.Flood.Scenarios;

namespace Relay.Flood.Report;

/// <summary>Makes figures of what was counted.</summary>
internal static class ReportBuilder
{
    public static LoadFigures Figures(IReadOnlyList<LoadSecond> seconds, bool hasSink)
    {
        var accepted = Latencies.Merge(seconds.Select(second => second.ToAccepted));
        var delivered = Latencies.Merge(seconds.Select(second => second.ToDelivered));
        return new LoadFigures(
            seconds.Sum(second => second.Offered),
            seconds.Sum(second => second.Accepted),
            seconds.Sum(second => second.Refused),
            seconds.Sum(second => second.Failed),
            Milliseconds(accepted.At(50)),
            Milliseconds(accepted.At(99)),
            Milliseconds(accepted.At(99.9)),
            hasSink ? Milliseconds(delivered.At(50)) : null,
            hasSink ? Milliseconds(delivered.At(99)) : null);
    }

    public static AttackFigures Figures(AttackTally tally, Scenario scenario, FloodSettings settings) => new(
        scenario.Attackers,
        tally.Attackers,
        tally.Due,
        tally.Begun,
        Math.Round(tally.Begun / settings.Length.TotalSeconds, 1),
        tally.Connections,
        tally.Broken,
        tally.Landed,
        tally.Admitted,
        tally.AdmittedOfOneMax,
        settings.LimitPerSecond is { } limit && settings.HasSourceAddresses ? Targets.BoundOf(limit, settings.LimitBurst, settings.Length) : null,
        tally.Replies.Read());

    public static ScenarioSeries Series(LoadTimeline timeline, RunPlan plan, IReadOnlyList<NodeSeries> nodes)
    {
        var seconds = timeline.Between(TimeSpan.Zero, plan.End);
        return new ScenarioSeries(
            (int)plan.FloodStart.TotalSeconds,
            (int)plan.FloodEnd.TotalSeconds,
            [.. seconds.Select(second => second.Accepted)],
            [.. seconds.Select(second => second.Offered)],
            [.. seconds.Select(second => Milliseconds(second.ToAccepted.At(50)))],
            [.. seconds.Select(second => Milliseconds(second.ToAccepted.At(99)))],
            nodes);
    }

    private static double? Milliseconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalMilliseconds, 2) : null;
}
