using Relay.Actors.Pressure;
using Relay.Node.Pressure;

namespace Relay.Node.Tests.Pressure;

/// <summary>Signals that a test sets; all others are read from the node, but for those that only tell how the test's machine does.</summary>
internal sealed class SetProbes(TimeProvider time) : IPressureProbes
{
    private static readonly PressureSignal[] OfMachine = [PressureSignals.Memory, PressureSignals.Threads, PressureSignals.Commit];

    private readonly PressureProbes _real = new(time);
    private readonly Dictionary<PressureSignal, double> _set = [];

    /// <summary>Sets a value, until the next call.</summary>
    public void Set(PressureSignal signal, double value)
    {
        lock (_set)
        {
            _set[signal] = value;
        }
    }

    public void Read(PressureSources sources, Span<double> values)
    {
        _real.Read(sources, values);
        lock (_set)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var signal = PressureSignals.All[i];
                values[i] = _set.TryGetValue(signal, out var value) ? value : OfMachine.Contains(signal) ? double.NaN : values[i];
            }
        }
    }
}
