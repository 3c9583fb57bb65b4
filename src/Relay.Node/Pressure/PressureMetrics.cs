using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;
using Relay.Actors.Pressure;

namespace Relay.Node.Pressure;

/// <summary>What metrics show of a node's pressure.</summary>
internal sealed class PressureMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Registers the instruments.</summary>
    public PressureMetrics(MeterScope meters, PressureMonitor monitor)
    {
        _meter = meters.Make();
        _meter.CreateObservableGauge("relay_pressure_level", () => (long)monitor.Level, description: "0 Normal to 3 Critical.");
        _meter.CreateObservableGauge(
            "relay_pressure_signal",
            () => PressureSignals.All.Select(signal => Of(signal, monitor.StandingOf(signal).Value)).Where(static value => !double.IsNaN(value.Value)),
            description: "What the node's pressure is found by, each signal in its own unit.");
        _meter.CreateObservableGauge(
            "relay_pressure_signal_level",
            () => PressureSignals.All.Select(signal => Of(signal, (double)monitor.StandingOf(signal).Level)),
            description: "The level that each signal stands for, 0 Normal to 3 Critical.");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<double> Of(PressureSignal signal, double value) => new(value, new KeyValuePair<string, object?>("signal", signal.Name));
}
