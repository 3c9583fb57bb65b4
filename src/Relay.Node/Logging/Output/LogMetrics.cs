using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Logging.Output;

/// <summary>What a node counts of its logs.</summary>
internal sealed class LogMetrics : IDisposable
{
    private readonly Meter _meter = new(RelayMetrics.MeterName);

    /// <summary>Registers the instruments.</summary>
    public LogMetrics(NodeLogs logs) => _meter.CreateObservableCounter(
        "relay_log_lines_lost",
        () => logs.Queues.Select(static queue => new Measurement<long>(queue.Lost, new KeyValuePair<string, object?>("log", queue.Name))),
        description: "Lines of the log that could not be written.");

    public void Dispose() => _meter.Dispose();
}
