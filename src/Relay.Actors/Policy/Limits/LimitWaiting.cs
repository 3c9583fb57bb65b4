using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>How whoever waits for tokens gets them, or is refused.</summary>
/// <param name="agent">The node's leases.</param>
internal sealed class LimitWaiting(LimitAgent agent)
{
    /// <summary>Takes tokens out of the node's leases.</summary>
    /// <returns>True when they were taken. A refusal ends the wait.</returns>
    public bool TryTake(LimitWaiter waiter, ref LimitClaim claim)
    {
        var answer = agent.Leases.Take(ref claim, waiter.Fallback);
        switch (answer.Kind)
        {
            case LimitAnswerKind.Taken:
                waiter.Held.Add(claim);
                return true;
            case LimitAnswerKind.Refused:
                GiveBack(waiter);
                waiter.Finish(answer);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Serves those who wait, in their order, out of the node's leases.</summary>
    /// <returns>True when nobody waits any more.</returns>
    public bool TakeInTurn(Queue<(LimitWaiter Waiter, LimitClaim Claim)> waiting)
    {
        while (waiting.TryPeek(out var next))
        {
            var claim = next.Claim;
            if (!next.Waiter.IsDone && TryTake(next.Waiter, ref claim))
            {
                Got(next.Waiter);
            }
            else if (!next.Waiter.IsDone)
            {
                return false;
            }

            waiting.Dequeue();
        }

        return true;
    }

    /// <summary>The tokens of one claim came.</summary>
    public static void Got(LimitWaiter waiter)
    {
        waiter.Missing--;
        FinishWhenComplete(waiter);
    }

    /// <summary>Answers who has all that was wanted.</summary>
    public static void FinishWhenComplete(LimitWaiter waiter)
    {
        if (waiter is { IsDone: false, Missing: 0 })
        {
            waiter.Finish(LimitAnswer.Taken);
        }
    }

    /// <summary>Answers who gets nothing.</summary>
    public void Refuse(LimitWaiter waiter, LimitClaim claim, Verdict verdict)
    {
        if (!waiter.IsDone)
        {
            agent.Counts.Refused(claim.Rule.Limit.Name);
            GiveBack(waiter);
            waiter.Finish(LimitAnswer.Refused(verdict));
        }
    }

    private void GiveBack(LimitWaiter waiter)
    {
        foreach (var claim in waiter.Held)
        {
            agent.Leases.GiveBack(claim);
        }

        waiter.Held.Clear();
    }
}
