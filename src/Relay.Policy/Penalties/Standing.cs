using Relay.Policy.Limits;

namespace Relay.Policy.Penalties;

/// <summary>How a client behaves: its refusals of late, and its penalty. Pure; times are ticks of 100 ns of any clock that does not run backwards.</summary>
/// <remarks>
/// Refusals leave as they come in: <c>penalty.refusals</c> of them drain in <c>penalty.per</c>. When as many are there, a penalty begins and
/// the count begins anew. Whoever comes to it again before as long has passed since its end gets twice as long, up to <see cref="GrowthMax"/>
/// times the first.
/// </remarks>
public sealed class Standing
{
    /// <summary>The longest penalty, as a multiple of the first one.</summary>
    public const int GrowthMax = 16;

    private Gcra _refusals;
    private long _until;
    private long _length;

    /// <summary>How long the last penalty was as a whole; zero when nothing is known of any.</summary>
    public TimeSpan Length => new(_length);

    /// <summary>Counts refusals. They count for nothing while a penalty is on.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="rules">The rules; they must be on.</param>
    /// <param name="weight">How many, from 1.</param>
    /// <returns>True when a penalty begins with them.</returns>
    public bool Add(long now, PenaltyRules rules, int weight)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (now < _until)
        {
            return false;
        }

        var allowance = rules.Allowance;
        _refusals.Debit(now, allowance, weight);
        if (_refusals.Available(now, allowance) > 0)
        {
            return false;
        }

        var first = rules.For.Ticks;
        var isAgain = _length > 0 && now < _until + _length;
        _length = isAgain ? Math.Min(_length * 2, first * GrowthMax) : first;
        _length = Math.Max(_length, first); // the rules may have changed
        _until = now + _length;
        _refusals = default;
        return true;
    }

    /// <summary>A penalty is on that began elsewhere, before anybody here could know: here it is on for what it has left.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="rules">The rules; they must be on.</param>
    /// <param name="left">How long it has left.</param>
    /// <returns>True when it begins here; false when one is on already.</returns>
    public bool Join(long now, PenaltyRules rules, TimeSpan left)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (now < _until || left <= TimeSpan.Zero)
        {
            return false;
        }

        var time = Math.Min(left.Ticks, rules.For.Ticks * GrowthMax);
        (_until, _length) = (now + time, Math.Max(time, rules.For.Ticks));
        _refusals = default;
        return true;
    }

    /// <summary>How long the penalty has left; zero when none is on.</summary>
    public TimeSpan Left(long now) => now < _until ? new TimeSpan(_until - now) : TimeSpan.Zero;

    /// <summary>True when there is nothing to remember: no refusals of late, and no penalty of which the next one would be longer.</summary>
    public bool IsInnocent(long now) => now >= _until + _length && _refusals.TimeUntilFull(now) == TimeSpan.Zero;
}
