namespace Relay.Policy.Limits;

/// <summary>The generic cell rate algorithm: a token bucket in one timestamp, the theoretical arrival time (TAT).</summary>
/// <remarks>
/// Each token moves the TAT by the time that the rate needs for one; the TAT may lie as far ahead of now as the burst needs. A default
/// one is full. Times are ticks of 100 ns of any clock that does not run backwards, at most 2^62. The TAT is kept in 2^-32 ticks, and
/// the time of a token is rounded up: so the rate is never exceeded, and missed by less than a millionth.
/// In any window W it gives out at most rate × W + burst tokens, plus those that were returned in it, plus the tokens over the burst of
/// requests that needed more than the burst.
/// </remarks>
public struct Gcra
{
    private const int FractionBits = 32;

    private Int128 _tat;

    /// <summary>A bucket that is empty as of a moment, and fills from then on.</summary>
    public static Gcra EmptyAt(long now, in LimitBudget budget) => new() { _tat = At(now) + (IntervalOf(budget) * budget.Burst) };

    /// <summary>A bucket that will be full at a moment.</summary>
    public static Gcra FullAt(long at) => new() { _tat = At(at) };

    /// <summary>Takes tokens.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="budget">The budget. It may be another than the last time: what is owed stays owed as time.</param>
    /// <param name="need">The fewest that are of use, from 1. Over the burst they are taken when the bucket is full, and leave it as far below
    /// empty as they are more.</param>
    /// <param name="want">The most that are of use, at least <paramref name="need"/>.</param>
    /// <returns>The tokens taken: 0, or from <paramref name="need"/> to <paramref name="want"/>.</returns>
    public long Take(long now, in LimitBudget budget, long need, long want)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(need, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(want, need);
        var available = Available(now, budget);
        if (available < Math.Min(need, budget.Burst))
        {
            return 0;
        }

        var taken = Math.Max(need, Math.Min(want, available));
        Debit(now, budget, taken);
        return taken;
    }

    /// <summary>Takes tokens whether they are there or not: they were used already.</summary>
    public void Debit(long now, in LimitBudget budget, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        _tat = Int128.Max(At(now), _tat) + (IntervalOf(budget) * tokens);
    }

    /// <summary>Gives back tokens that were taken and not used.</summary>
    public void Return(in LimitBudget budget, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        _tat -= IntervalOf(budget) * tokens;
    }

    /// <summary>Tokens that are there now; 0 also when some are owed.</summary>
    public readonly long Available(long now, in LimitBudget budget)
    {
        var interval = IntervalOf(budget);
        var ahead = Int128.Max(Int128.Zero, _tat - At(now));
        var room = (interval * budget.Burst) - ahead;
        return room <= Int128.Zero ? 0 : (long)(room / interval);
    }

    /// <summary>How long until so many tokens are there, when nobody takes any; zero when they are. More than the burst are never there:
    /// then the time until the bucket is full.</summary>
    public readonly TimeSpan TimeUntil(long now, in LimitBudget budget, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        var missing = _tat - At(now) - (IntervalOf(budget) * (budget.Burst - Math.Min(tokens, budget.Burst)));
        return missing <= Int128.Zero ? TimeSpan.Zero : ToTimeSpan(missing);
    }

    /// <summary>How long until the bucket is full, which is all there is to know of it then.</summary>
    public readonly TimeSpan TimeUntilFull(long now) =>
        _tat <= At(now) ? TimeSpan.Zero : ToTimeSpan(_tat - At(now));

    private static TimeSpan ToTimeSpan(Int128 time)
    {
        var ticks = (time + ((Int128.One << FractionBits) - 1)) >> FractionBits;
        return ticks > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new TimeSpan((long)ticks);
    }

    private static Int128 At(long now) => (Int128)now << FractionBits;

    private static Int128 IntervalOf(in LimitBudget budget) =>
        (((Int128)budget.Period.Ticks << FractionBits) + budget.Count - 1) / budget.Count;
}
