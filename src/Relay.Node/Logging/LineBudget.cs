namespace Relay.Node.Logging;

/// <summary>Lets so many lines of one kind into the log in each interval, and counts the rest: for what strangers can bring about. Thread-safe.</summary>
internal sealed class LineBudget
{
    private readonly int _linesMax;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _since;
    private int _written;
    private long _silent;

    /// <summary>Nothing was written.</summary>
    /// <param name="linesMax">Lines in one interval.</param>
    /// <param name="interval">How long they are counted, from the first one on.</param>
    /// <param name="time">The clock.</param>
    public LineBudget(int linesMax, TimeSpan interval, TimeProvider time)
    {
        _linesMax = linesMax;
        _interval = interval;
        _time = time;
    }

    /// <summary>May a line be written?</summary>
    /// <param name="silent">How many were not since this was last told; to be written before it.</param>
    public bool TryTake(out long silent)
    {
        lock (_lock)
        {
            silent = 0;
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
            return true;
        }
    }
}
