using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Logging.Output;

/// <summary>What a node counts of its logs.</summary>
internal sealed class LogMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Registers the instruments.</summary>
    public LogMetrics(MeterScope meters, NodeLogs logs)
    {
        _meter = meters.Make();
        _meter.CreateObservableCounter(
            "relay_log_lines_lost",
            () => logs.Queues.Select(static queue => new Measurement<long>(queue.Lost, new KeyValuePair<string, object?>("log", queue.Name))),
            description: "Lines of the log that could not be written.");
    }

    public void Dispose() => _meter.Dispose();
}
