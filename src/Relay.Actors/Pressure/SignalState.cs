namespace Relay.Actors.Pressure;

/// <summary>Where one signal stands: up at once, down only after a while below the lower mark.</summary>
internal sealed class SignalState(PressureSignal signal)
{
    private TimeSpan? _calmSince;
    private PressureLevel _calmLevel;

    public PressureSignal Signal => signal;

    /// <summary>The last value; NaN while there was none.</summary>
    public double Value { get; private set; } = double.NaN;

    public PressureLevel Level { get; private set; }

    /// <summary>Takes a value.</summary>
    /// <param name="value">The value; NaN when it could not be had: then the signal presses no more than it does.</param>
    /// <param name="now">The time.</param>
    public void Take(double value, TimeSpan now)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        Value = value;
        var up = signal.LevelUpTo(value);
        var held = Max(up, signal.LevelHeldBy(value));
        if (up > Level || held >= Level)
        {
            Level = Max(up, Level);
            _calmSince = null;
            return;
        }

        if (_calmSince is not { } since)
        {
            (_calmSince, _calmLevel) = (now, held);
            return;
        }

        _calmLevel = Max(_calmLevel, held);
        if (now - since >= PressureMonitor.CalmTime)
        {
            Level = _calmLevel;
            _calmSince = null;
        }
    }

    private static PressureLevel Max(PressureLevel one, PressureLevel other) => one > other ? one : other;
}
