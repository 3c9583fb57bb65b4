using System.Diagnostics;
using Relay.Flood.Load;
using Relay.Flood.Report;

namespace Relay.Flood.Nodes;

/// <summary>Asks one node for its figures, once a second.</summary>
internal sealed class NodeWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = 16 << 20,
    };

    private readonly string _name;
    private readonly Uri _metrics;
    private readonly LocalNode? _local;
    private readonly List<NodeSample> _samples = [];

    /// <param name="name">Its name in the report.</param>
    /// <param name="api">Its admin address.</param>
    /// <param name="local">The node when it is one of ours: then the system is asked about its process.</param>
    public NodeWatch(string name, Uri api, LocalNode? local)
    {
        _name = name;
        _metrics = new Uri(api, "/metrics");
        _local = local;
    }

    /// <summary>Samples until it is cancelled.</summary>
    public async Task RunAsync(RunClock clock, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.Time);
        try
        {
            do
            {
                _samples.Add(await SampleAsync(clock, cancellationToken));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The end of every run.
        }
    }

    public NodeFigures Figures(RunPlan plan) => new(
        _name,
        CpuBetween(plan.BaselineStart, plan.FloodStart),
        CpuBetween(plan.FloodStart, plan.FloodEnd),
        Most(sample => sample.Memory, plan.BaselineStart, plan.FloodStart),
        Most(sample => sample.Memory, plan.FloodStart, plan.FloodEnd),
        Most(sample => sample.Spool, plan.BaselineStart, plan.FloodStart),
        Most(sample => sample.Spool, plan.FloodStart, TimeSpan.MaxValue),
        Most(sample => sample.Mail, plan.BaselineStart, plan.FloodStart),
        Most(sample => sample.Mail, plan.FloodStart, TimeSpan.MaxValue),
        Growth(plan.FloodStart, plan.FloodEnd));

    public NodeSeries Series()
    {
        var cpu = _samples.Select((sample, i) => i == 0 ? null : Rate(_samples[i - 1], sample));
        return new NodeSeries(
            _name,
            [.. _samples.Select(sample => Math.Round(sample.At.TotalSeconds, 2))],
            [.. cpu.Select(value => value is { } cores ? Math.Round(cores, 3) : (double?)null)],
            [.. _samples.Select(sample => sample.Memory)],
            [.. _samples.Select(sample => sample.Spool)]);
    }

    public void Dispose() => _http.Dispose();

    private async Task<NodeSample> SampleAsync(RunClock clock, CancellationToken cancellationToken)
    {
        var text = "";
        try
        {
            text = await _http.GetStringAsync(_metrics, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A node that is killed, or too busy: what it is at is not known for now.
        }

        var (cpu, memory) = _local is null
            ? (MetricsText.SumOf(text, "dotnet_process_cpu_time_seconds_total"), MetricsText.SumOf(text, "dotnet_process_memory_working_set_bytes"))
            : OfProcess(_local);
        return new NodeSample(clock.Now, cpu, memory, MetricsText.SumOf(text, "relay_spool_bytes"), MetricsText.SumOf(text, "relay_spool_live_bytes"), _local?.LogBytes);
    }

    private static (double? Cpu, double? Memory) OfProcess(LocalNode node)
    {
        try
        {
            using var process = Process.GetProcessById(node.ProcessId);
            return (process.TotalProcessorTime.TotalSeconds, process.WorkingSet64);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It is dead.
            return (null, null);
        }
    }

    private double? CpuBetween(TimeSpan from, TimeSpan to)
    {
        var within = _samples.Where(sample => sample.At >= from && sample.At <= to).ToList();
        var rates = within.Zip(within.Skip(1), Rate).OfType<double>().ToList();
        return rates.Count == 0 ? null : Math.Round(rates.Average(), 2);
    }

    private static double? Rate(NodeSample before, NodeSample after) =>
        after.CpuSeconds >= before.CpuSeconds ? (after.CpuSeconds - before.CpuSeconds) / (after.At - before.At).TotalSeconds : null;

    private long? Most(Func<NodeSample, double?> figure, TimeSpan from, TimeSpan to) =>
        (long?)_samples.Where(sample => sample.At >= from && sample.At < to).Max(figure);

    private long? Growth(TimeSpan from, TimeSpan to)
    {
        var within = _samples.Where(sample => sample.At >= from && sample.At <= to && sample.Log is not null).ToList();
        return within.Count == 0 ? null : (long)(within[^1].Log!.Value - within[0].Log!.Value);
    }
}
