namespace Relay.Flood.Load;

/// <summary>When requests are meant to begin, whatever becomes of the ones before: an open loop. Same seed, same times. Not thread-safe.</summary>
internal sealed class PoissonArrivals
{
    private readonly Random _random;
    private readonly double _rate;
    private double _next;

    /// <summary>Arrivals from time zero on.</summary>
    /// <param name="rate">Mean arrivals a second, above 0.</param>
    /// <param name="random">The chance behind them.</param>
    public PoissonArrivals(double rate, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        _rate = rate;
        _random = random;
        Advance();
    }

    /// <summary>When the next one is due.</summary>
    public TimeSpan Next => TimeSpan.FromSeconds(_next);

    /// <summary>Takes the next one when it is due by now.</summary>
    /// <param name="now">Time since zero.</param>
    /// <param name="intended">When it was due, which is what latency is counted from.</param>
    public bool TryTake(TimeSpan now, out TimeSpan intended)
    {
        intended = Next;
        if (intended > now)
        {
            return false;
        }

        Advance();
        return true;
    }

    // Gaps between the arrivals of a Poisson process are exponential; 1 - u is never 0.
    private void Advance() => _next -= Math.Log(1 - _random.NextDouble()) / _rate;
}
