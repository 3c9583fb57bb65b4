namespace Relay.Actors.Deliveries;

/// <summary>One time limit at a time, re-armed for every wait of a connection: a source a read would be garbage by the thousand.</summary>
internal sealed class LinkDeadline(TimeProvider time) : IDisposable
{
    private CancellationTokenSource? _limit;
    private CancellationTokenRegistration _untilStopped;

    /// <summary>A token that is cancelled after this time, or by a stop. The one before it holds no longer.</summary>
    public CancellationToken In(TimeSpan within, CancellationToken stopping)
    {
        if (_limit is null || !_limit.TryReset())
        {
            Dispose();
            _limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            _untilStopped = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _limit);
        }

        _limit.CancelAfter(within);
        return _limit.Token;
    }

    /// <summary>Forgets the limit. The stop must not reach for a source that is gone.</summary>
    public void Dispose()
    {
        _untilStopped.Dispose();
        Interlocked.Exchange(ref _limit, null)?.Dispose();
    }
}
