namespace Relay.Policy.Accounts;

/// <summary>What one user has sent of late, and what became of it. Pure; times are ticks of 100 ns of any clock that does not run backwards.</summary>
/// <remarks>
/// Failures are those of the last <c>breaker.per</c>: of the period before the one that runs, the part that lies within. They are compared with
/// all that was named in both periods, since a mail may fail as much as <c>breaker.per</c> after it was named: whose mailing ends with a period
/// must not meet its few bounces alone in the next.
/// </remarks>
public sealed class AccountRecord
{
    /// <summary>Recipients in one period that no rise is judged below.</summary>
    public const int RiseMin = 200;

    /// <summary>Periods with mail that must be known before a rise is judged.</summary>
    public const int PeriodsMin = 5;

    private const double WeightOfNewest = 0.2;

    private Period _current;
    private Period _previous;
    private long _countsFrom;
    private int _periods;
    private double _usual;

    /// <summary>When something was last counted.</summary>
    public long LastUsed { get; private set; }

    /// <summary>True when what becomes of a mail now still tells of its user: it is not older than <c>breaker.per</c>, nor than what is known.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="age">The mail's age.</param>
    public bool Tells(long now, BreakerRules rules, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return age <= rules.Per && now - age.Ticks >= _countsFrom;
    }

    /// <summary>Counts recipients.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="named">Recipients that were accepted, or refused for good.</param>
    /// <param name="failed">Recipients that were refused for good, or failed later.</param>
    /// <returns>Why the user is to be held; null while there is no reason.</returns>
    public string? Add(long now, BreakerRules rules, int named, int failed)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Follow(now, rules.Per.Ticks);
        LastUsed = now;
        _current = _current with { Named = _current.Named + named, Failed = _current.Failed + failed };

        var left = 1 - ((double)(now - _current.Since) / rules.Per.Ticks);
        var failures = _current.Failed + (long)(_previous.Failed * left);
        var all = Math.Max(_current.Named + _previous.Named, failures);
        if (rules.Failures > 0 && failures >= rules.Failures && failures * 100 >= rules.Percent * all)
        {
            return $"{failures} of {all} recipients failed";
        }

        return rules.Rise > 0 && _periods >= PeriodsMin && _current.Named >= RiseMin && _current.Named >= rules.Rise * _usual
            ? $"{_current.Named} recipients, where {Math.Ceiling(_usual)} are usual"
            : null;
    }

    /// <summary>An operator has let the user go: what was counted is forgotten, and what becomes of the mail that is there no longer counts.</summary>
    public void Pardon(long now)
    {
        (_current, _previous) = (new Period(now, 0, 0), default);
        _countsFrom = now;
    }

    private void Follow(long now, long length)
    {
        var passed = now - _current.Since;
        if (passed < length)
        {
            return;
        }

        // Periods without mail do not count: who sends once a week is usual in the hour in which it does.
        if (_current.Named > 0)
        {
            _usual = _periods == 0 ? _current.Named : (_usual * (1 - WeightOfNewest)) + (_current.Named * WeightOfNewest);
            _periods++;
        }

        var isNext = passed < 2 * length;
        _previous = isNext ? _current : default;
        _current = new Period(isNext ? _current.Since + length : now, 0, 0);
    }

    private readonly record struct Period(long Since, long Named, long Failed);
}
