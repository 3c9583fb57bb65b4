namespace Relay.Spool.Log;

/// <summary>Times commits: one thread commits, any thread asks.</summary>
internal sealed class CommitClock(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _count;
    private TimeSpan _total;
    private long? _begunAt;

    /// <summary>What commits have taken so far.</summary>
    public SpoolCommits Now
    {
        get
        {
            lock (_lock)
            {
                return new SpoolCommits(_count, _total, _begunAt is { } begunAt ? time.GetElapsedTime(begunAt) : TimeSpan.Zero);
            }
        }
    }

    /// <summary>A commit begins.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begunAt = time.GetTimestamp();
        }
    }

    /// <summary>It has ended, well or badly.</summary>
    public void End()
    {
        lock (_lock)
        {
            _count++;
            _total += time.GetElapsedTime(_begunAt!.Value);
            _begunAt = null;
        }
    }
}
