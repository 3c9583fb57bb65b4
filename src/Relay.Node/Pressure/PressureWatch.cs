using Relay.Actors.Pressure;

namespace Relay.Node.Pressure;

/// <summary>Samples the signals of pressure, four times a second, and says aloud when the level changes.</summary>
internal sealed partial class PressureWatch : IDisposable
{
    /// <summary>Between two samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly PressureMonitor _monitor;
    private readonly IPressureProbes _probes;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly double[] _values = new double[PressureSignals.All.Count];
    private readonly Lock _lock = new();
    private readonly long _startedAt;
    private ITimer? _timer;
    private PressureSources? _sources;

    public PressureWatch(PressureMonitor monitor, IPressureProbes probes, TimeProvider time, ILogger<PressureWatch> log)
    {
        (_monitor, _probes, _time, _log) = (monitor, probes, time, log);
        _startedAt = time.GetTimestamp();
    }

    /// <summary>Begins, with a first sample: a node whose spool is full from the start knows it before its first client.</summary>
    public void Start(PressureSources sources)
    {
        _sources = sources;
        Sample();
        _timer = _time.CreateTimer(static watch => ((PressureWatch)watch!).Sample(), this, Interval, Interval);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock)
        {
            _sources = null;
        }
    }

    private void Sample()
    {
        // One that takes longer than the interval is not joined by the next.
        if (!_lock.TryEnter())
        {
            return;
        }

        try
        {
            if (_sources is { } sources)
            {
                _probes.Read(sources, _values);
                if (_monitor.Sample(_values, _time.GetElapsedTime(_startedAt)) is { } change)
                {
                    Tell(change);
                }
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void Tell(PressureChange change)
    {
        var (marks, consequence) = (change.Marks, PressureTable.Of(change.To).Consequence);
        var (level, before) = (change.To.ToString(), change.From.ToString());
        if (change.To > change.From)
        {
            LogUp(level, before, change.Signal.Name, change.Value, change.Signal.Unit, marks.Up, marks.Down, consequence);
        }
        else
        {
            LogDown(level, before, change.Signal.Name, change.Value, change.Signal.Unit, marks.Up, marks.Down, consequence);
        }
    }

    [LoggerMessage(EventId = 3400, Level = LogLevel.Warning, Message =
        "pressure: {Level:l} (was {Before:l}): {Signal:l} is {Value:0.#} {Unit:l}, up at {Up:0.#}, down at {Down:0.#}; {Consequence:l}")]
    private partial void LogUp(
        string level, string before, string signal, double value, string unit, double up, double down, string consequence);

    [LoggerMessage(EventId = 3401, Level = LogLevel.Information, Message =
        "pressure: {Level:l} (was {Before:l}): {Signal:l} is {Value:0.#} {Unit:l}, up at {Up:0.#}, down at {Down:0.#}; {Consequence:l}")]
    private partial void LogDown(
        string level, string before, string signal, double value, string unit, double up, double down, string consequence);
}
