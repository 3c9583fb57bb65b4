using System.Net;
using System.Runtime.InteropServices;
using Relay.Flood.Load;
using Relay.Flood.Nodes;
using Relay.Flood.Report;
using Relay.Flood.Sink;

namespace Relay.Flood.Scenarios;

/// <summary>Runs scenarios, one after the other, each with nodes and a sink of its own where none are given.</summary>
public sealed class FloodSetup
{
    // A sender that uses four fifths of its limit, and a burst that chance does not use up.
    private const double LegitimateShareOfLimit = 0.8;
    private const double LocalBurst = 40;
    private const long LocalShareMin = 64 << 20;
    private const long LocalSharePart = 10;

    private readonly FloodSettings _settings;
    private readonly RelayProgram _program;
    private readonly TimeProvider _time;
    private readonly List<ScenarioReport> _reports = [];
    private DateTimeOffset _began;

    /// <summary>Takes the settings of a run.</summary>
    /// <param name="settings">What to flood, and with what.</param>
    /// <param name="program">How nodes of our own are started.</param>
    /// <param name="time">The clock.</param>
    public FloodSetup(FloodSettings settings, RelayProgram program, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings.Targets.Count > 0 ? settings : ForLocal(settings);
        _program = program;
        _time = time;
    }

    /// <summary>What the scenarios have shown that have ended so far.</summary>
    public FloodReport Report =>
        new(_began, $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}", Describe(_settings), [.. _reports]);

    /// <summary>Runs the scenarios, for <see cref="Report"/>.</summary>
    /// <exception cref="IOException">Nodes of our own did not start, or the sink cannot listen.</exception>
    public async Task RunAsync(IReadOnlyList<Scenario> scenarios, IProgress<FloodProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        _began = _time.GetUtcNow();
        await TlsRehearsal.RunAsync(_time, cancellationToken);
        foreach (var scenario in scenarios)
        {
            _reports.Add(await RunAsync(scenario, progress, cancellationToken));
        }
    }

    private async Task<ScenarioReport> RunAsync(Scenario scenario, IProgress<FloodProgress>? progress, CancellationToken cancellationToken)
    {
        var mailbox = new SinkMailbox();
        await using var sink = _settings.Sink is { } listen
            ? SmtpSink.Start(new SinkSettings { Listen = listen, StopTime = TimeSpan.Zero }, _time, new SinkObserver(mailbox.Take))
            : null;
        if (_settings.Targets.Count > 0)
        {
            return await new FloodRun(_settings, scenario, [], mailbox, _time).RunAsync(progress, cancellationToken);
        }

        progress?.Report(new FloodProgress(scenario.Name, "starting nodes", 0, 0, null));
        await using var cluster = await LocalCluster.StartAsync(_settings, _program, sink!.BoundEndPoint, _time, cancellationToken);
        var settings = _settings with
        {
            Targets = [.. cluster.Nodes.Select(node => node.Smtp)],
            Apis = [.. cluster.Nodes.Select(node => node.Api)],
        };
        return await new FloodRun(settings, scenario, cluster.Nodes, mailbox, _time).RunAsync(progress, cancellationToken);
    }

    private static FloodSettings ForLocal(FloodSettings settings) => settings with
    {
        LimitPerSecond = settings.LimitPerSecond ?? Math.Max(1, settings.LegitimateRate / settings.LegitimateSenders / LegitimateShareOfLimit),
        LimitBurst = settings.LimitPerSecond is null ? LocalBurst : settings.LimitBurst,
        SpoolShareBytes = settings.SpoolShareBytes ?? Math.Max(LocalShareMin, LocalFiles.QuotaBytes / LocalSharePart),
        Sink = settings.Sink ?? new IPEndPoint(IPAddress.Loopback, 0),
    };

    private static string Describe(FloodSettings settings)
    {
        var where = settings.Targets.Count > 0 ? string.Join(", ", settings.Targets) : FormattableString.Invariant($"{settings.Nodes} nodes of its own");
        return FormattableString.Invariant(
            $"{where}; {settings.LegitimateSenders} legitimate senders, {settings.LegitimateRate} messages/s of {settings.MessageBytes} octets{(settings.WithTls ? " under TLS" : "")}; phases of {settings.Length.TotalSeconds:0} s; seed {settings.Seed}");
    }
}
