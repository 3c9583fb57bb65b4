using System.Globalization;
using Relay.Policy.Values;

namespace Relay.Policy.Limits;

/// <summary>How much a key may have: so many tokens a period, and so many at once.</summary>
/// <param name="Count">Tokens in one period, 1 to <see cref="Rate.CountMax"/>.</param>
/// <param name="Period">The period, at most <see cref="PeriodMax"/>.</param>
/// <param name="Burst">Tokens that may be taken at once when none were taken for long, 1 to <see cref="Rate.CountMax"/>.</param>
public readonly record struct LimitBudget(long Count, TimeSpan Period, long Burst)
{
    /// <summary>Longest period: a day, shared by a thousand nodes.</summary>
    public static readonly TimeSpan PeriodMax = TimeSpan.FromDays(1000);

    /// <summary>Tokens a second.</summary>
    public double PerSecond => Count / Period.TotalSeconds;

    /// <summary>True for what <see cref="Gcra"/> can count with; a peer's bytes may hold anything.</summary>
    public bool IsValid =>
        Count is >= 1 and <= Rate.CountMax && Burst is >= 1 and <= Rate.CountMax && Period > TimeSpan.Zero && Period <= PeriodMax;

    /// <summary>What one of so many nodes may give out alone: the sum over all nodes is no more than the whole, but for the fraction of
    /// a token that each rounds up to have one at all.</summary>
    public LimitBudget ShareOf(int nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        var shares = Math.Min(nodes, 1000);
        return new LimitBudget(Count, Period * shares, Math.Max(1, Burst / shares));
    }

    /// <summary>The budget as people write it: <c>100/min, burst 200</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{new Rate(Count, Period)}, burst {Burst}");
}
