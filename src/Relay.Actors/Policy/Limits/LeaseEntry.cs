using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>What a node remembers of one key. Times are ticks of 100 ns of the table's clock.</summary>
internal sealed class LeaseEntry(LimitBudget budget)
{
    private Gcra _share;
    private double _used;
    private long _usedAt;
    private long _shortUntil;
    private bool _hasShare;
    private long _shareUsed;
    private long _shareSince;
    private long _free;
    private long _freeUntil;

    /// <summary>What is lent to the other nodes, and when they are asked.</summary>
    public KeyLoan Loan { get; } = new();

    /// <summary>The budget, as of the last mail.</summary>
    public LimitBudget Budget { get; set; } = budget;

    /// <summary>Tokens that are this node's.</summary>
    public long Tokens { get; private set; }

    /// <summary>Until when they may be kept.</summary>
    public long TokensUntil { get; private set; }

    /// <summary>Until when whoever needs <see cref="RefusedCost"/> or more is refused.</summary>
    public long RefusedUntil { get; private set; }

    /// <summary>The smallest cost that was refused.</summary>
    public long RefusedCost { get; private set; }

    /// <summary>Until when the budget counts as out of reach; 0: it has answered since.</summary>
    public long UnavailableUntil { get; private set; }

    /// <summary>Until when there is no room for this budget, so that a shared one takes its place.</summary>
    public long SharedUntil { get; private set; }

    /// <summary>While the budget does not answer this node's share is given out, as of the last mail.</summary>
    public bool UsesShare { get; set; }

    /// <summary>The budget lives on this node, and would die with it.</summary>
    public bool IsHere { get; set; }

    /// <summary>True while tokens are asked for that nobody waits for.</summary>
    public bool IsRefilling { get; set; }

    /// <summary>True when at least this many tokens may be used.</summary>
    public bool Has(long cost, long now) => Tokens >= cost && KeptUntil > now;

    /// <summary>Uses tokens that are there.</summary>
    public void Use(long cost, long now)
    {
        Tokens -= cost;
        CountUse(cost, now);
    }

    /// <summary>Tokens were used that went straight to whoever waited.</summary>
    public void CountUse(long cost, long now)
    {
        _used = UsedLately(now) + cost;
        _usedAt = now;
    }

    /// <summary>The budget had not all that was asked for: a reserve would be at the cost of other nodes.</summary>
    public void Short(long until) => _shortUntil = until;

    /// <summary>A mail passes without tokens, while the budget is away.</summary>
    /// <returns>True.</returns>
    public bool UseFree(long cost, long now)
    {
        (_free, _freeUntil) = (cost + (_freeUntil > now ? _free : 0), now + LeaseSizes.FreeRememberedFor.Ticks);
        return true;
    }

    /// <summary>What comes back that was tokens: a mail that passed without any must not make some.</summary>
    public long WithoutFree(long tokens, long now)
    {
        var free = _freeUntil > now ? Math.Min(tokens, _free) : 0;
        _free -= free;
        return tokens - free;
    }

    /// <summary>What this node likes to have of it.</summary>
    public long Size(int nodes, long now)
    {
        var size = LeaseSizes.Of(Budget, nodes, _shortUntil > now ? 0 : UsedLately(now));
        // A budget that has moved away since is asked for a reserve of this node's own.
        return IsHere && Loan.OutAt(now) is > 0 and var lent ? Math.Max(Math.Min(size, LeaseSizes.ReserveLeast), size - lent) : size;
    }

    /// <summary>Tokens came from the budget, or come back from a mail that was not taken.</summary>
    public void Deposit(long tokens, long until)
    {
        Tokens += tokens;
        TokensUntil = Math.Max(TokensUntil, until);
    }

    /// <summary>Takes all tokens out whose time is over.</summary>
    public long TakeExpired(long now)
    {
        if (Tokens == 0 || KeptUntil > now)
        {
            return 0;
        }

        var tokens = Tokens;
        Tokens = 0;
        return tokens;
    }

    /// <summary>The node of some budget is away: what is left of a reserve is kept, for it may be of that budget.</summary>
    public void Keep(long now)
    {
        if (Tokens > 0 && KeptUntil > now && Budget.PerSecond < LeaseSizes.OneByOneBelow)
        {
            TokensUntil = Math.Max(TokensUntil, now + LeaseSizes.KeptWithoutBudget.Ticks);
        }
    }

    /// <summary>The budget refused this cost.</summary>
    public void Refuse(long cost, long now, long until)
    {
        RefusedCost = RefusedUntil > now ? Math.Min(RefusedCost, cost) : cost;
        RefusedUntil = until;
    }

    /// <summary>The budget has answered: whatever was given out without it is over. What is left of this node's share it keeps, as it might have used it:
    /// a budget that begins elsewhere has nothing yet, and a sender that has lived on a reserve meanwhile has none.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="nodes">The nodes that share the budget.</param>
    /// <param name="doubt">As of <see cref="IsDoubted"/>.</param>
    /// <returns>How much that was, and for how long.</returns>
    public (long Tokens, TimeSpan Age) Answered(long now, int nodes, TimeSpan doubt)
    {
        if (_hasShare && UsesShare && IsDoubted(now, doubt))
        {
            var left = _share.Available(now, Budget.ShareOf(nodes));
            Deposit(left, now + LeaseSizes.TimeKept(Budget).Ticks);
            _shareUsed += left;
        }

        UnavailableUntil = 0;
        Loan.Answered();
        IsRefilling = false;
        var used = (_shareUsed, new TimeSpan(now - _shareSince));
        (_hasShare, _shareUsed) = (false, 0);
        return used;
    }

    /// <summary>The budget did not answer.</summary>
    public void Unavailable(long until)
    {
        UnavailableUntil = until;
        IsRefilling = false;
    }

    /// <summary>It did not answer of late: mail still goes by this node's share.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="doubt">For so long after it was out of reach.</param>
    public bool IsDoubted(long now, TimeSpan doubt) => UnavailableUntil != 0 && now - UnavailableUntil < doubt.Ticks;

    /// <summary>From now on this node's share fills, unless it does already; it begins with <see cref="LeaseSizes.ShareBegin"/>.</summary>
    public void BeginShare(long now, int nodes)
    {
        if (!_hasShare)
        {
            var share = Budget.ShareOf(nodes);
            _share = Gcra.EmptyAt(now, share);
            _share.Return(share, LeaseSizes.ShareBegin(Budget, nodes));
            (_hasShare, _shareSince) = (true, now);
        }
    }

    /// <summary>The budget has no room.</summary>
    public void Shared(long until)
    {
        SharedUntil = until;
        IsRefilling = false;
    }

    /// <summary>Takes of this node's share, which there is while the budget does not answer.</summary>
    public bool TryTakeShare(long cost, int nodes, long now)
    {
        var taken = _hasShare ? _share.Take(now, Budget.ShareOf(nodes), cost, cost) : 0;
        _shareUsed += taken;
        return taken > 0;
    }

    /// <summary>Gives back to this node's share.</summary>
    public void ReturnShare(long cost, int nodes)
    {
        if (_hasShare)
        {
            _share.Return(Budget.ShareOf(nodes), cost);
            _shareUsed -= Math.Min(_shareUsed, cost);
        }
    }

    /// <summary>Takes out what is to be lent to the other nodes now: all but the least reserve, of a key that its own node's mail uses.</summary>
    /// <returns>0: what they have is theirs for longer; null: nothing is due.</returns>
    public long? LoanDue(int nodes, long now)
    {
        if (!IsHere || UnavailableUntil != 0 || Budget.PerSecond >= LeaseSizes.OneByOneBelow)
        {
            return null;
        }

        var size = LeaseSizes.Of(Budget, nodes, UsedLately(now));
        if (size < LeaseSizes.LoanLeast)
        {
            return null;
        }

        // A budget that has little left lends no more; what is out stays there until it is needed.
        var spare = _shortUntil <= now && Has(LeaseSizes.ReserveLeast, now) ? Tokens - LeaseSizes.ReserveLeast : 0;
        var due = Loan.Due(size - LeaseSizes.ReserveLeast, spare, now);
        Tokens -= due ?? 0;
        return due;
    }

    /// <summary>Takes out what another node gets that wants it.</summary>
    public long TakeLoan(long now)
    {
        var tokens = !Has(1, now) ? 0 : UsedLately(now) < 1 ? Tokens : Tokens / 2;
        Tokens -= tokens;
        return tokens;
    }

    /// <summary>Whether other nodes can have something of the key at all, but for what was lent.</summary>
    public bool CanOthersHave(int nodes) => Budget.PerSecond < LeaseSizes.OneByOneBelow && LeaseSizes.Of(Budget, nodes, Budget.Burst) > 0;

    /// <summary>True when nothing is known of the key that would matter.</summary>
    public bool IsIdle(long now) =>
        Tokens == 0 && RefusedUntil <= now && Loan.IsIdle(now) && _freeUntil <= now && UnavailableUntil <= now && SharedUntil <= now && (!_hasShare || _share.TimeUntilFull(now) == TimeSpan.Zero);

    // A budget that does not answer has no use for what comes back.
    private long KeptUntil => UnavailableUntil == 0 ? TokensUntil : TokensUntil + LeaseSizes.KeptWithoutBudget.Ticks;

    // What was used longer ago counts less and less.
    private double UsedLately(long now) => _used * Math.Exp((_usedAt - now) / (double)LeaseSizes.ReserveCovers.Ticks);
}
