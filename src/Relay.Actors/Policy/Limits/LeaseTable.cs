using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>The leases that this node holds, and the refusals that it remembers. Thread-safe: a mail that a lease covers costs no actor message.</summary>
/// <remarks>
/// A lease was debited when it was granted, so using it needs nobody's leave. It holds at most <see cref="LimitBounds.KeysMax"/> keys:
/// only those are dropped of which nothing is left to know, and a key that finds no room uses the budget of its network.
/// </remarks>
public sealed class LeaseTable
{
    private readonly Lock _lock = new();
    private readonly LeaseEntries _entries;
    private readonly LimitBounds _bounds;
    private readonly BudgetClock _clock;
    private readonly NodeCount _nodes;
    private readonly LimitCounts _counts;
    private readonly StartOfNode _start;
    private readonly LeaseTaking _taking;

    /// <summary>An empty table.</summary>
    /// <param name="bounds">What it may cost.</param>
    /// <param name="nodes">The nodes that share the limits.</param>
    /// <param name="counts">Counts what it does.</param>
    /// <param name="start">The first moments of the node.</param>
    /// <param name="refill">Asks for so many tokens more, for nobody who waits; false when nobody can be asked. Called under the table's lock.</param>
    /// <param name="time">The clock.</param>
    public LeaseTable(
        LimitBounds bounds, NodeCount nodes, LimitCounts counts, StartOfNode start, Func<LimitClaim, long, bool> refill, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _bounds = bounds;
        _entries = new LeaseEntries(bounds);
        _nodes = nodes;
        _counts = counts;
        _start = start;
        _taking = new LeaseTaking(_entries, bounds, nodes, counts, start, refill);
        _clock = new BudgetClock(time);
        Loans = new LeaseLoans(_lock, _entries, nodes, _clock);
    }

    /// <summary>What is lent among the nodes.</summary>
    public LeaseLoans Loans { get; }

    /// <summary>Keys that are remembered.</summary>
    public int Keys
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Takes the tokens of all claims, or of none.</summary>
    /// <param name="claims">What is wanted.</param>
    /// <param name="fallback">What happens when a budget is known to be out of reach.</param>
    public LimitAnswer Take(IReadOnlyList<LimitClaim> claims, LimitFallback fallback)
    {
        ArgumentNullException.ThrowIfNull(claims);
        if (claims.Count == 0)
        {
            return LimitAnswer.Taken;
        }

        LimitAnswer answer;
        lock (_lock)
        {
            answer = _taking.TakeAll(claims, fallback, _clock.Read());
        }

        _counts.Looked(answer.Kind != LimitAnswerKind.Unknown);
        return answer;
    }

    /// <summary>Takes the tokens of one claim.</summary>
    /// <param name="claim">What is wanted; becomes the claim on the budget that takes its place.</param>
    /// <param name="fallback">What happens when a budget is known to be out of reach.</param>
    public LimitAnswer Take(ref LimitClaim claim, LimitFallback fallback)
    {
        lock (_lock)
        {
            var now = _clock.Read();
            claim = _entries.Resolve(claim, now);
            return _taking.TakeOne(claim, fallback, now);
        }
    }

    /// <summary>Gives back what was taken and is not used.</summary>
    public void GiveBack(LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var now = _clock.Read();
            var actual = _entries.Resolve(claim, now);
            if (_entries.FindOrAdd(actual) is { } entry)
            {
                _taking.PutBack(entry, actual.Cost, KeptUntil(actual.Rule.Limit.Budget, now), now);
            }
        }
    }

    /// <summary>A budget answered.</summary>
    /// <param name="claim">A claim on it.</param>
    /// <param name="tokens">Tokens that nobody waits for.</param>
    /// <param name="given">Those that went to whoever waited.</param>
    /// <param name="isShort">It had not all that was asked for.</param>
    /// <param name="isHere">It lives on this node.</param>
    /// <returns>What this node gave out while the budget did not answer, and for how long: to be told to it.</returns>
    public (long Tokens, TimeSpan Age) Answered(LimitClaim claim, long tokens, long given = 0, bool isShort = false, bool isHere = false)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var now = _clock.Read();
            var used = _entries.Find(claim.Key)?.Answered(now, _nodes.Max, _bounds.Doubt) ?? default;
            if ((tokens > 0 || given > 0) && _entries.FindOrAdd(claim) is { } entry)
            {
                entry.Deposit(tokens, KeptUntil(claim.Rule.Limit.Budget, now));
                entry.CountUse(given, now);
                entry.IsHere = isHere;
                if (isShort)
                {
                    entry.Short(now + LeaseSizes.ReserveCovers.Ticks);
                }
            }

            return used;
        }
    }

    /// <summary>A budget answered when nobody waited any more.</summary>
    /// <returns>As <see cref="Answered"/>, and the budget.</returns>
    public (LimitBudget Budget, long Tokens, TimeSpan Age) AnsweredLate(string key, long tokens)
    {
        lock (_lock)
        {
            if (_entries.Find(key) is not { } entry)
            {
                return default;
            }

            var now = _clock.Read();
            var used = entry.Answered(now, _nodes.Max, _bounds.Doubt);
            entry.Deposit(tokens, KeptUntil(entry.Budget, now));
            return (entry.Budget, used.Tokens, used.Age);
        }
    }

    /// <summary>A budget has nothing for so long.</summary>
    public void Refused(LimitClaim claim, TimeSpan retryAfter)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var now = _clock.Read();
            _entries.FindOrAdd(claim)?.Refuse(claim.Cost, now, now + Math.Min(retryAfter.Ticks, TimeSpan.FromDays(1).Ticks));
        }
    }

    /// <summary>A budget did not answer.</summary>
    public void Unavailable(LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        _counts.TimedOut();
        lock (_lock)
        {
            var now = _clock.Read();
            if (_entries.FindOrAdd(claim) is not { } entry)
            {
                return;
            }

            entry.Unavailable(now + _bounds.Respite.Ticks);
            if (!_start.IsOn)
            {
                entry.BeginShare(now, _nodes.Max);
            }
        }
    }

    /// <summary>The tokens to ask a budget for.</summary>
    /// <param name="claim">A claim on it.</param>
    /// <param name="need">Tokens that are needed now, from 1.</param>
    public long Want(LimitClaim claim, long need)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var budget = claim.Rule.Limit.Budget;
        lock (_lock)
        {
            var size = _entries.Find(claim.Key)?.Size(_nodes.Max, _clock.Read()) ?? LeaseSizes.Of(budget, _nodes.Max, 0);
            return LeaseSizes.Want(budget, size, need);
        }
    }

    /// <summary>There is no room for a budget where it belongs.</summary>
    /// <returns>The claim on the budget that takes its place; null when there is none.</returns>
    public LimitClaim? Full(LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            _entries.FindOrAdd(claim)?.Shared(_clock.Read() + _bounds.IdleTime.Ticks);
        }

        return claim.Shared();
    }

    /// <summary>Uses tokens that were not asked for, because they are used already.</summary>
    /// <returns>Those that no lease covered, to be told to the budget that is named.</returns>
    public (LimitClaim Claim, long Tokens) Debit(LimitClaim claim, long tokens)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var now = _clock.Read();
            var actual = _entries.Resolve(claim, now);
            if (_entries.Find(actual.Key) is not { } entry)
            {
                return (actual, tokens);
            }

            var used = Math.Min(tokens, entry.Tokens);
            entry.Use(used, now);
            return (actual, tokens - used);
        }
    }

    /// <summary>Forgets keys of which nothing is left to know, and takes the tokens out that were kept too long.</summary>
    /// <returns>Those tokens, to be returned to their budgets.</returns>
    public IReadOnlyList<(string Key, LimitBudget Budget, long Tokens)> Sweep()
    {
        lock (_lock)
        {
            return _entries.Sweep(_clock.Read());
        }
    }

    private static long KeptUntil(in LimitBudget budget, long now) => now + LeaseSizes.TimeKept(budget).Ticks;
}
