using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>How tokens are taken out of what a node remembers: from a lease, from its share while the budget is away, or not at all. Not thread-safe: its table locks.</summary>
/// <param name="entries">What is remembered.</param>
/// <param name="bounds">How long a budget is doubted.</param>
/// <param name="nodes">The nodes that share the limits.</param>
/// <param name="counts">Counts refusals.</param>
/// <param name="start">The first moments of the node.</param>
/// <param name="refill">Asks for so many tokens more, for nobody who waits; false when nobody can be asked.</param>
internal sealed class LeaseTaking(
    LeaseEntries entries, LimitBounds bounds, NodeCount nodes, LimitCounts counts, StartOfNode start, Func<LimitClaim, long, bool> refill)
{
    /// <summary>Takes the tokens of all claims, or of none.</summary>
    public LimitAnswer TakeAll(IReadOnlyList<LimitClaim> claims, LimitFallback fallback, long now)
    {
        var answer = LimitAnswer.Taken;
        var first = 0;
        for (var i = 0; i < claims.Count && answer.Kind != LimitAnswerKind.Refused; i++)
        {
            var claim = entries.Resolve(claims[i], now);
            var one = TakeOne(claim, fallback, now);
            if (one.Kind == LimitAnswerKind.Taken && answer.Kind == LimitAnswerKind.Taken)
            {
                first++;
            }
            else if (one.Kind == LimitAnswerKind.Taken)
            {
                // Others are to be asked for; it was only looked whether this one refuses, which spares the question.
                PutBack(claim, now);
            }
            else
            {
                answer = one;
            }
        }

        for (var i = 0; answer.Kind != LimitAnswerKind.Taken && i < first; i++)
        {
            PutBack(entries.Resolve(claims[i], now), now);
        }

        return answer;
    }

    /// <summary>Takes the tokens of one claim on a budget that is really there.</summary>
    public LimitAnswer TakeOne(LimitClaim claim, LimitFallback fallback, long now)
    {
        if (entries.Find(claim.Key) is not { } entry)
        {
            return LimitAnswer.Unknown;
        }

        entry.Budget = claim.Rule.Limit.Budget;
        entry.UsesShare = fallback == LimitFallback.LocalShare && !start.IsOn;
        if (entry.Has(claim.Cost, now))
        {
            entry.Use(claim.Cost, now);
            RefillLow(entry, claim, now);
            return LimitAnswer.Taken;
        }

        if (entry.UnavailableUntil > now)
        {
            return TryTakeWithout(claim, entry, fallback, now)
                ? LimitAnswer.Taken
                : Refuse(claim, fallback == LimitFallback.Defer || start.IsOn ? claim.Rule.Unavailable : claim.Rule.Refusal);
        }

        // It has not answered of late. Only mail that would be refused without it waits to see whether it does now; for others it is asked beside.
        if (entry.IsDoubted(now, bounds.Doubt) && TryTakeWithout(claim, entry, fallback, now))
        {
            Refill(entry, claim, now);
            return LimitAnswer.Taken;
        }

        return entry.RefusedUntil > now && claim.Cost >= entry.RefusedCost ? Refuse(claim, claim.Rule.Refusal) : LimitAnswer.Unknown;
    }

    /// <summary>Gives back what was taken and is not used.</summary>
    public void PutBack(LeaseEntry entry, long tokens, long until, long now)
    {
        tokens = entry.WithoutFree(tokens, now);
        // What was given out without the budget must not become a lease that it never gave.
        if (entry.UnavailableUntil != 0)
        {
            entry.ReturnShare(tokens, nodes.Max);
        }
        else
        {
            entry.Deposit(tokens, until);
        }
    }

    // Asked before they are used up, nobody waits for the answer, and a budget that does not answer for a moment is not missed.
    private void RefillLow(LeaseEntry entry, LimitClaim claim, long now)
    {
        if (LeaseSizes.AreLow(entry.Budget, entry.Tokens, entry.Size(nodes.Max, now)))
        {
            Refill(entry, claim, now);
        }
    }

    private void Refill(LeaseEntry entry, LimitClaim claim, long now)
    {
        if (!entry.IsRefilling && entry.UnavailableUntil <= now && entry.RefusedUntil <= now)
        {
            entry.IsRefilling = refill(claim, Math.Max(1, entry.Size(nodes.Max, now) - entry.Tokens));
        }
    }

    private bool TryTakeWithout(LimitClaim claim, LeaseEntry entry, LimitFallback fallback, long now) => fallback switch
    {
        LimitFallback.Allow => entry.UseFree(claim.Cost, now),
        LimitFallback.Defer => false,
        _ => !start.IsOn && entry.TryTakeShare(claim.Cost, nodes.Max, now),
    };

    private LimitAnswer Refuse(LimitClaim claim, Verdict verdict)
    {
        counts.Refused(claim.Rule.Limit.Name);
        return LimitAnswer.Refused(verdict);
    }

    private void PutBack(LimitClaim claim, long now)
    {
        var entry = entries.Find(claim.Key)!;
        PutBack(entry, claim.Cost, entry.TokensUntil, now);
    }
}
