using Relay.Messages.Limits;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Asks budgets for what the table lacks: one request a key at a time, for all that wait for it. No clock of its own.</summary>
internal sealed class LimitDesk
{
    private readonly Dictionary<string, LimitRequest> _requests = new(StringComparer.Ordinal);
    private readonly LimitAgent _agent;
    private readonly TimeProvider _time;
    private readonly Func<IBudgetMessage, bool> _send;
    private long _number;

    /// <summary>Nobody waits.</summary>
    /// <param name="agent">The node's leases.</param>
    /// <param name="time">The clock.</param>
    /// <param name="send">Sends to a budget; false when there is no way to any.</param>
    public LimitDesk(LimitAgent agent, TimeProvider time, Func<IBudgetMessage, bool> send)
    {
        _agent = agent;
        _time = time;
        _send = send;
    }

    /// <summary>True while a request is on its way.</summary>
    public bool HasRequests => _requests.Count > 0;

    /// <summary>Takes the tokens of all claims, or of none, and says which.</summary>
    public void Want(IReadOnlyList<LimitClaim> claims, LimitFallback fallback, Action<LimitAnswer> answer)
    {
        var waiter = new LimitWaiter(fallback, answer);
        var missing = new List<LimitClaim>();
        foreach (var wanted in claims)
        {
            var claim = wanted;
            if (!TryTake(waiter, ref claim))
            {
                missing.Add(claim);
            }

            if (waiter.IsDone)
            {
                return;
            }
        }

        waiter.Missing = missing.Count;
        foreach (var claim in missing)
        {
            Enqueue(waiter, claim);
        }

        FinishWhenComplete(waiter);
    }

    /// <summary>Asks for tokens that nobody waits for yet.</summary>
    public void Refill(LimitClaim claim, long tokens)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (!_requests.ContainsKey(claim.Key))
        {
            Send(new LimitRequest(claim, ++_number, _time.GetTimestamp()), need: 1, tokens);
        }
    }

    /// <summary>A budget has answered.</summary>
    public void Answered(LimitMessages.TokensAnswered answer)
    {
        if (!_requests.TryGetValue(answer.Key, out var request) || request.Number != answer.Number)
        {
            var late = _agent.Leases.AnsweredLate(answer.Key, answer.Tokens);
            TellUsed(answer.Key, late.Budget, late.Tokens, late.Age);
            return;
        }

        _requests.Remove(answer.Key);
        if (answer.IsFull)
        {
            _agent.Leases.Full(request.Claim);
            MoveToShared(request);
            return;
        }

        var left = answer.Tokens;
        while (request.Waiting.TryPeek(out var next) && (next.Waiter.IsDone || next.Claim.Cost <= left))
        {
            request.Waiting.Dequeue();
            if (!next.Waiter.IsDone)
            {
                left -= next.Claim.Cost;
                Took(next.Waiter, next.Claim);
                FinishWhenComplete(next.Waiter);
            }
        }

        var used = _agent.Leases.Answered(request.Claim, left, answer.Tokens - left, isShort: answer.RetryAfter > TimeSpan.Zero);
        TellUsed(answer.Key, request.Claim.Rule.Limit.Budget, used.Tokens, used.Age);
        if (!request.Waiting.TryPeek(out var first))
        {
            return;
        }

        if (answer.RetryAfter == TimeSpan.Zero)
        {
            // They came while the request was on its way.
            Send(request.Waiting);
            return;
        }

        _agent.Leases.Refused(first.Claim, answer.RetryAfter);
        foreach (var (waiter, claim) in request.Waiting)
        {
            Refuse(waiter, claim, claim.Rule.Refusal);
        }
    }

    /// <summary>Decides without the budgets that take too long.</summary>
    public void GiveUpLate()
    {
        var patience = _agent.Patience;
        var late = _requests.Values.Where(request => _time.GetElapsedTime(request.SentAt) >= patience).ToList();
        foreach (var request in late)
        {
            _requests.Remove(request.Claim.Key);
            DecideWithout(request);
        }
    }

    /// <summary>Whoever waits is told that nothing can be asked now.</summary>
    public void GiveUpAll()
    {
        foreach (var request in _requests.Values)
        {
            foreach (var (waiter, claim) in request.Waiting)
            {
                Refuse(waiter, claim, claim.Rule.Unavailable);
            }
        }

        _requests.Clear();
    }

    private void Enqueue(LimitWaiter waiter, LimitClaim claim)
    {
        if (waiter.IsDone)
        {
            return;
        }

        if (_requests.TryGetValue(claim.Key, out var request))
        {
            request.Waiting.Enqueue((waiter, claim));
            return;
        }

        Send([(waiter, claim)]);
    }

    private void Send(IEnumerable<(LimitWaiter Waiter, LimitClaim Claim)> waiting)
    {
        LimitRequest? request = null;
        long cost = 0;
        foreach (var next in waiting)
        {
            request ??= new LimitRequest(next.Claim, ++_number, _time.GetTimestamp());
            request.Waiting.Enqueue(next);
            cost += next.Claim.Cost;
        }

        Send(request!, request!.Claim.Cost, _agent.Leases.Want(request.Claim, cost));
    }

    private void Send(LimitRequest request, long need, long want)
    {
        var claim = request.Claim;
        if (_send(new LimitMessages.TokensWanted(claim.Key, request.Number, claim.Rule.Limit.Budget, need, want)))
        {
            _agent.Counts.Requested();
            _requests.Add(claim.Key, request);
        }
        else
        {
            DecideWithout(request);
        }
    }

    private void TellUsed(string key, in LimitBudget budget, long tokens, TimeSpan age)
    {
        if (tokens > 0)
        {
            _send(new LimitMessages.TokensUsed(key, budget, tokens, age));
        }
    }

    private void MoveToShared(LimitRequest request)
    {
        foreach (var (waiter, claim) in request.Waiting)
        {
            if (waiter.IsDone)
            {
                continue;
            }

            if (claim.Shared() is not { } shared)
            {
                Refuse(waiter, claim, claim.Rule.Unavailable);
            }
            else if (TryTake(waiter, ref shared))
            {
                waiter.Missing--;
                FinishWhenComplete(waiter);
            }
            else
            {
                Enqueue(waiter, shared);
            }
        }
    }

    private void DecideWithout(LimitRequest request)
    {
        _agent.Leases.Unavailable(request.Claim);
        foreach (var (waiter, wanted) in request.Waiting)
        {
            var claim = wanted;
            if (waiter.IsDone)
            {
                continue;
            }

            if (TryTake(waiter, ref claim) || waiter.Fallback == LimitFallback.Allow)
            {
                waiter.Missing--;
                FinishWhenComplete(waiter);
            }
            else if (!waiter.IsDone)
            {
                // There is no room to remember the key, and so no share to count.
                Refuse(waiter, claim, claim.Rule.Unavailable);
            }
        }
    }

    /// <returns>True when they were taken. A refusal ends the wait.</returns>
    private bool TryTake(LimitWaiter waiter, ref LimitClaim claim)
    {
        var answer = _agent.Leases.Take(ref claim, waiter.Fallback);
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

    private static void Took(LimitWaiter waiter, LimitClaim claim)
    {
        waiter.Held.Add(claim);
        waiter.Missing--;
    }

    private static void FinishWhenComplete(LimitWaiter waiter)
    {
        if (waiter is { IsDone: false, Missing: 0 })
        {
            waiter.Finish(LimitAnswer.Taken);
        }
    }

    private void Refuse(LimitWaiter waiter, LimitClaim claim, Verdict verdict)
    {
        if (!waiter.IsDone)
        {
            _agent.Counts.Refused(claim.Rule.Limit.Name);
            GiveBack(waiter);
            waiter.Finish(LimitAnswer.Refused(verdict));
        }
    }

    private void GiveBack(LimitWaiter waiter)
    {
        foreach (var claim in waiter.Held)
        {
            _agent.Leases.GiveBack(claim);
        }

        waiter.Held.Clear();
    }
}
