namespace Relay.Actors.Pressure;

/// <summary>A node's pressure: the highest level of all its signals. Pure but for the level, which any thread may read.</summary>
public sealed class PressureMonitor : IPressure
{
    /// <summary>A signal leaves a level after this long on the good side of the level's lower mark. 5 s.</summary>
    public static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(5);

    private readonly SignalState[] _signals = [.. PressureSignals.All.Select(static signal => new SignalState(signal))];
    private volatile PressureLevel _level;
    private SignalState? _cause;

    /// <inheritdoc/>
    public PressureLevel Level => _level;

    /// <summary>How a signal stands: its level, and its last value (NaN while there is none). May be a sample old on other threads.</summary>
    public (PressureLevel Level, double Value) StandingOf(PressureSignal signal)
    {
        var state = Array.Find(_signals, state => state.Signal == signal) ?? throw new ArgumentException("There is no such signal.", nameof(signal));
        return (state.Level, state.Value);
    }

    /// <summary>Takes a value of every signal. Called by one thread at a time.</summary>
    /// <param name="values">In the order of <see cref="PressureSignals.All"/>; NaN for what could not be had.</param>
    /// <param name="now">The time since anything; only differences count.</param>
    /// <returns>The change of the level, or null.</returns>
    public PressureChange? Sample(ReadOnlySpan<double> values, TimeSpan now)
    {
        if (values.Length != _signals.Length)
        {
            throw new ArgumentException($"There are {_signals.Length} signals.", nameof(values));
        }

        var worst = _signals[0];
        for (var i = 0; i < values.Length; i++)
        {
            _signals[i].Take(values[i], now);
            if (_signals[i].Level > worst.Level)
            {
                worst = _signals[i];
            }
        }

        var before = _level;
        if (worst.Level == before)
        {
            return null;
        }

        // On the way down it is the signal that has held the level that explains the change.
        var cause = worst.Level > before ? worst : _cause!;
        _cause = worst.Level > PressureLevel.Normal ? worst : null;
        _level = worst.Level;
        return new PressureChange(before, worst.Level, cause.Signal, cause.Value);
    }
}

/// <summary>A change of a node's level of pressure.</summary>
/// <param name="From">The level before.</param>
/// <param name="To">The level now.</param>
/// <param name="Signal">The signal that brought it about.</param>
/// <param name="Value">The signal's value.</param>
public sealed record PressureChange(PressureLevel From, PressureLevel To, PressureSignal Signal, double Value)
{
    /// <summary>The marks that were passed: those of the higher of the two levels, as far as the signal has them.</summary>
    public PressureMarks Marks
    {
        get
        {
            for (var level = From > To ? From : To; level > PressureLevel.Normal; level--)
            {
                if (Signal.MarksOf(level) is { } marks)
                {
                    return marks;
                }
            }

            return Signal.Medium;
        }
    }
}
