using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Asks budgets for what the table lacks: one request a key at a time, for all that wait for it. No clock of its own.</summary>
internal sealed class LimitDesk
{
    private readonly Dictionary<string, LimitRequest> _requests = new(StringComparer.Ordinal);
    private readonly LimitAgent _agent;
    private readonly TimeProvider _time;
    private readonly Func<IBudgetMessage, bool> _send;
    private readonly Action<string> _askOthers;
    private readonly LimitWaiting _waiting;
    private long _number;

    /// <summary>Nobody waits.</summary>
    /// <param name="agent">The node's leases.</param>
    /// <param name="time">The clock.</param>
    /// <param name="send">Sends to a budget; false when there is no way to any.</param>
    /// <param name="askOthers">Asks the other nodes for what they have of a key.</param>
    public LimitDesk(LimitAgent agent, TimeProvider time, Func<IBudgetMessage, bool> send, Action<string> askOthers)
    {
        _agent = agent;
        _time = time;
        _send = send;
        _askOthers = askOthers;
        _waiting = new LimitWaiting(agent);
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
            if (!_waiting.TryTake(waiter, ref claim))
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

        LimitWaiting.FinishWhenComplete(waiter);
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
    /// <param name="answer">What it said.</param>
    /// <param name="isHere">It lives on this node.</param>
    public void Answered(LimitMessages.TokensAnswered answer, bool isHere = false)
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
                next.Waiter.Held.Add(next.Claim);
                LimitWaiting.Got(next.Waiter);
            }
        }

        var used = _agent.Leases.Answered(request.Claim, left, answer.Tokens - left, isShort: answer.RetryAfter > TimeSpan.Zero, isHere);
        TellUsed(answer.Key, request.Claim.Rule.Limit.Budget, used.Tokens, used.Age);
        if (used.Tokens > 0)
        {
            // What is left of the share is a lease now.
            _waiting.TakeInTurn(request.Waiting);
        }

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

        if (_agent.Leases.Loans.Recall(first.Claim))
        {
            // Nobody is refused for what other nodes have.
            var recalled = new LimitRequest(first.Claim, ++_number, _time.GetTimestamp(), request.Waiting) { RefusedFor = answer.RetryAfter };
            _requests.Add(answer.Key, recalled);
            _askOthers(answer.Key);
            return;
        }

        RefuseAll(request, answer.RetryAfter);
    }

    /// <summary>Another node has lent something, or gives back what was lent to it.</summary>
    public void Lent(LimitMessages.TokensLent loan)
    {
        ArgumentNullException.ThrowIfNull(loan);
        if (!_agent.Leases.Loans.Came(loan))
        {
            _send(new LimitMessages.TokensReturned(loan.Key, loan.Budget, loan.Tokens));
        }
        else if (_requests.TryGetValue(loan.Key, out var request) && request.RefusedFor is not null && _waiting.TakeInTurn(request.Waiting))
        {
            _requests.Remove(loan.Key);
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
            if (request.RefusedFor is { } retryAfter)
            {
                // An answer that came too late for its own request may have brought something.
                if (!_waiting.TakeInTurn(request.Waiting))
                {
                    RefuseAll(request, retryAfter);
                }
            }
            else
            {
                DecideWithout(request);
            }
        }
    }

    /// <summary>Whoever waits is told that nothing can be asked now.</summary>
    public void GiveUpAll()
    {
        foreach (var request in _requests.Values)
        {
            foreach (var (waiter, claim) in request.Waiting)
            {
                _waiting.Refuse(waiter, claim, claim.Rule.Unavailable);
            }
        }

        _requests.Clear();
    }

    private void RefuseAll(LimitRequest request, TimeSpan retryAfter)
    {
        _agent.Leases.Refused(request.Waiting.TryPeek(out var first) ? first.Claim : request.Claim, retryAfter);
        foreach (var (waiter, claim) in request.Waiting)
        {
            _waiting.Refuse(waiter, claim, claim.Rule.Refusal);
        }
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
                _waiting.Refuse(waiter, claim, claim.Rule.Unavailable);
            }
            else if (_waiting.TryTake(waiter, ref shared))
            {
                LimitWaiting.Got(waiter);
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
        if (_agent.Leases.Loans.ShouldAsk(request.Claim))
        {
            _askOthers(request.Claim.Key);
        }

        foreach (var (waiter, wanted) in request.Waiting)
        {
            var claim = wanted;
            if (waiter.IsDone)
            {
                continue;
            }

            if (_waiting.TryTake(waiter, ref claim) || waiter.Fallback == LimitFallback.Allow)
            {
                LimitWaiting.Got(waiter);
            }
            else if (!waiter.IsDone)
            {
                // There is no room to remember the key, and so no share to count.
                _waiting.Refuse(waiter, claim, claim.Rule.Unavailable);
            }
        }
    }
}
