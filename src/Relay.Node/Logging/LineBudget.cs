namespace Relay.Node.Logging;

/// <summary>Lets so many lines of one kind into the log in each interval, and counts the rest: for what strangers can bring about. Thread-safe.</summary>
internal sealed class LineBudget
{
    private readonly int _linesMax;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Action<long> _writeSilent;
    private readonly Lock _lock = new();
    private long? _since;
    private int _written;
    private long _silent;

    /// <summary>Nothing was written.</summary>
    /// <param name="linesMax">Lines in one interval.</param>
    /// <param name="interval">How long they are counted, from the first one on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="writeSilent">Writes how many lines there were not, before the next one that there is.</param>
    public LineBudget(int linesMax, TimeSpan interval, TimeProvider time, Action<long> writeSilent)
    {
        _writeSilent = writeSilent;
        _linesMax = linesMax;
        _interval = interval;
        _time = time;
    }

    /// <summary>May a line be written? Where others were not, their number is written first.</summary>
    public bool TryTake()
    {
        long silent = 0;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_since is not { } since || _time.GetElapsedTime(since, now) >= _interval)
            {
                silent = _silent;
                (_since, _written, _silent) = (now, 0, 0);
            }

            if (_written == _linesMax)
            {
                _silent++;
                return false;
            }

            _written++;
        }

        if (silent > 0)
        {
            _writeSilent(silent);
        }

        return true;
    }
}
