namespace Relay.Node.Places;

/// <summary>Places for the look-ups of one kind: whoever makes many, or waits for name servers that do not answer, waits for himself. Thread-safe.</summary>
/// <remarks>
/// Whoever asks has a share of the places, a client's network or the sender of mail, and so have names that belong together. Those over it wait their
/// turn, and whoever has the fewest places is the next. A look-up whose name servers are slow keeps its place only while nobody who has fewer waits for it.
/// </remarks>
internal sealed class FairPlaces<TPayer> : IDisposable
    where TPayer : notnull
{
    private readonly Lock _lock = new();
    private readonly PlaceBoard<TPayer> _board;
    private readonly PlaceLimits _limits;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public FairPlaces(PlaceLimits limits, TimeProvider time)
    {
        _board = new PlaceBoard<TPayer>(limits);
        _limits = limits;
        _time = time;
        _timer = time.CreateTimer(static places => ((FairPlaces<TPayer>)places!).Review(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for a place; <see cref="Leave"/> must follow, whatever comes of it.</summary>
    /// <returns>False when too many wait.</returns>
    public Task<bool> EnterAsync(PlaceClaim<TPayer> claim)
    {
        lock (_lock)
        {
            _board.Add(claim)?.Place.TrySetResult(false);
        }

        Review();
        return claim.Place.Task;
    }

    /// <summary>Another one wants to know the same: the place may be of its share.</summary>
    public void Join(PlaceClaim<TPayer> claim, TPayer payer)
    {
        lock (_lock)
        {
            if (claim.Payers.Contains(payer) || claim.Payers.Count >= _limits.Total)
            {
                return;
            }

            claim.Payers.Add(payer);
        }

        Review();
    }

    /// <summary>The look-up is over, or waits no longer.</summary>
    public void Leave(PlaceClaim<TPayer> claim)
    {
        lock (_lock)
        {
            _board.Remove(claim);
        }

        Review();
    }

    public void Dispose() => _timer.Dispose();

    private void Review()
    {
        IReadOnlyList<PlaceClaim<TPayer>> yielding;
        lock (_lock)
        {
            if (_board.IsCalm)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_board.Admit(now) is { } next)
            {
                next.Place.TrySetResult(true);
            }

            var yieldTicks = (long)(_limits.YieldTime.TotalSeconds * _time.TimestampFrequency);
            yielding = _board.Yielding(now - yieldTicks);
            if (!_board.IsCalm && _board.NextToYield() is { } since)
            {
                var left = _limits.YieldTime - _time.GetElapsedTime(since, now);
                // One that has run for long and keeps nobody out now may do so later: whoever comes then asks again.
                _timer.Change(left > TimeSpan.Zero ? left : _limits.YieldTime, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var claim in yielding)
        {
            claim.Yield();
        }
    }
}
