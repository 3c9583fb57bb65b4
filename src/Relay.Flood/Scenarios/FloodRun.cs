using Relay.Flood.Attacks;
using Relay.Flood.Load;
using Relay.Flood.Nodes;
using Relay.Flood.Report;

namespace Relay.Flood.Scenarios;

/// <summary>One run of one scenario: warm-up, baseline, flood, recovery, beside the same legitimate load.</summary>
internal sealed class FloodRun
{
    private static readonly TimeSpan DrainTimeMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    // Parts of the flood at which a node dies and comes back.
    private const double KillAt = 0.25;
    private const double RestartAt = 0.5;

    private readonly FloodSettings _settings;
    private readonly Scenario _scenario;
    private readonly IReadOnlyList<LocalNode> _nodes;
    private readonly RunPlan _plan;
    private readonly RunClock _clock;
    private readonly LoadTimeline _timeline;
    private readonly DeliveryWatch _deliveries;
    private readonly LegitimateLoad _load;
    private readonly NodeWatch[] _watches;
    private readonly bool _hasSink;

    public FloodRun(FloodSettings settings, Scenario scenario, IReadOnlyList<LocalNode> nodes, SinkMailbox mailbox, TimeProvider time)
    {
        _settings = settings;
        _scenario = scenario;
        _nodes = nodes;
        _plan = new RunPlan(settings.WarmUp, settings.Length, settings.Length, settings.Recovery);
        _clock = new RunClock(time);
        _timeline = new LoadTimeline(_plan.End);
        _hasSink = settings.Sink is not null;
        _deliveries = new DeliveryWatch(_clock, _timeline, _hasSink);
        _load = new LegitimateLoad(settings, _plan, _clock, _timeline, _deliveries);
        _watches = nodes.Count > 0
            ? [.. nodes.Select(node => new NodeWatch(node.Name, node.Api, node))]
            : [.. settings.Apis.Select(api => new NodeWatch(api.Authority, api, local: null))];
        mailbox.OnMessage = _deliveries.Arrived;
    }

    public async Task<ScenarioReport> RunAsync(IProgress<FloodProgress>? progress, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Task.WhenAll(_watches.Select(watch => watch.RunAsync(_clock, ended.Token)));
        var showing = progress is null ? Task.CompletedTask : ShowAsync(progress, ended.Token);
        var killing = _scenario.KillsNode ? KillAsync(_nodes[^1], ended.Token) : Task.CompletedTask;
        var loading = _load.RunAsync(ended.Token);
        try
        {
            var attack = await AttackAsync(ended.Token);
            await loading;
            await killing;
            await DrainAsync(ended.Token);

            // Load and attack take the end of the run and of all patience alike: what was cut short is no result.
            cancellationToken.ThrowIfCancellationRequested();
            await ended.CancelAsync();
            await Task.WhenAll(watching, showing);
            return Report(attack);
        }
        finally
        {
            await ended.CancelAsync();

            // A node that is started again now would outlive its folder.
            await Task.WhenAll(killing, loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var watch in _watches)
            {
                watch.Dispose();
            }
        }
    }

    private async Task<AttackTally> AttackAsync(CancellationToken cancellationToken)
    {
        await _clock.WaitUntilAsync(_plan.FloodStart, cancellationToken);
        var context = new AttackContext(_settings, _clock, _plan.FloodEnd);
        await _scenario.Build(_settings, _settings.AttackRate ?? _scenario.DefaultAttackRate).RunAsync(context, cancellationToken);
        return context.Tally;
    }

    private async Task KillAsync(LocalNode node, CancellationToken cancellationToken)
    {
        await _clock.WaitUntilAsync(_plan.FloodStart + (_plan.Flood * KillAt), cancellationToken);
        await node.KillAsync();
        await _clock.WaitUntilAsync(_plan.FloodStart + (_plan.Flood * RestartAt), cancellationToken);
        node.Start();
        await LocalCluster.AwaitReadyAsync(node, _clock.Time, cancellationToken);
    }

    /// <summary>Waits for what is accepted to arrive.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var end = _clock.Now + DrainTimeMax;
        while (_deliveries.Missing > 0 && _clock.Now < end)
        {
            await Task.Delay(LookInterval, _clock.Time, cancellationToken);
        }
    }

    private async Task ShowAsync(IProgress<FloodProgress> progress, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval, _clock.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var now = _clock.Now;
                var latest = Latencies.Merge(_timeline.Between(now - TimeSpan.FromSeconds(3), now).Select(second => second.ToAccepted));
                var accepted = _timeline.Seconds.Sum(second => second.Accepted);
                progress.Report(new FloodProgress(
                    _scenario.Name, _plan.NameAt(now), Math.Min(1, now / _plan.End), accepted, latest.At(99)?.TotalMilliseconds));
            }
        }
        catch (OperationCanceledException)
        {
            // The end of every run.
        }
    }

    private ScenarioReport Report(AttackTally attack)
    {
        var baseline = ReportBuilder.Figures(_timeline.Between(_plan.BaselineStart, _plan.FloodStart), _hasSink);
        var report = new ScenarioReport(
            _scenario.Name,
            _scenario.Description,
            baseline,
            ReportBuilder.Figures(_timeline.Between(_plan.FloodStart, _plan.FloodEnd), _hasSink),
            ReportBuilder.Figures(_timeline.Between(_plan.FloodEnd, _plan.End), _hasSink),
            _load.Refusals.Read(),
            _load.WarmUpRefusals.Read(),
            _hasSink ? _deliveries.Missing : null,
            Targets.SecondsToRecover(baseline.P99 ?? 0, _timeline.Between(_plan.FloodEnd, _plan.End)),
            ReportBuilder.Figures(attack, _scenario, _settings),
            [.. _watches.Select(watch => watch.Figures(_plan))],
            [],
            ReportBuilder.Series(_timeline, _plan, [.. _watches.Select(watch => watch.Series())]));
        return report with
        {
            Verdicts = Targets.Judge(_scenario, report, _settings.SpoolShareBytes),
            NotJudged = Targets.NotJudged(_scenario, report, _settings.SpoolShareBytes),
        };
    }
}
