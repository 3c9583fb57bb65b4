using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>What nodes hold of each other's budgets for the time after a node's death. Thread-safe.</summary>
/// <remarks>
/// A node whose own budget a key has needs no reserve of it, and its death would take the reserve along: so it lends it to the others. They keep it as a lease,
/// give it back when the key has a burst after all, and give each other what they have once the budget does not answer. Nothing is made by it:
/// what is lost on the way was debited.
/// </remarks>
public sealed class LeaseLoans
{
    /// <summary>Most keys of which something is lent at one look.</summary>
    public const int KeysPerLookMax = 500;

    /// <summary>Most keys in a second for which the other nodes are asked: senders over their limits must not keep nodes busy with each other.</summary>
    public const int QuestionsPerSecondMax = 500;

    private readonly Lock _lock;
    private readonly LeaseEntries _entries;
    private readonly NodeCount _nodes;
    private readonly BudgetClock _clock;
    private long _askedSince;
    private int _asked;

    internal LeaseLoans(Lock tableLock, LeaseEntries entries, NodeCount nodes, BudgetClock clock)
    {
        _lock = tableLock;
        _entries = entries;
        _nodes = nodes;
        _clock = clock;
    }

    /// <summary>What is to be lent to the other nodes now; 0 tokens: what they have is theirs for longer.</summary>
    public IReadOnlyList<LimitMessages.TokensLent> Due()
    {
        var nodes = _nodes.Max;
        if (nodes == 1)
        {
            return [];
        }

        lock (_lock)
        {
            var now = _clock.Read();
            return [.. _entries.All
                .Select(entry => (entry.Key, entry.Value.Budget, Tokens: entry.Value.LoanDue(nodes, now)))
                .Where(static due => due.Tokens is not null)
                .Take(KeysPerLookMax)
                .Select(static due => new LimitMessages.TokensLent(due.Key, due.Budget, due.Tokens!.Value))];
        }
    }

    /// <summary>Another node has lent something.</summary>
    /// <returns>False when there is no room to remember it: it is to be returned to the budget.</returns>
    public bool Came(LimitMessages.TokensLent loan)
    {
        ArgumentNullException.ThrowIfNull(loan);
        lock (_lock)
        {
            if (_entries.FindOrAdd(loan.Key, loan.Budget) is not { } entry)
            {
                return false;
            }

            entry.Deposit(loan.Tokens, _clock.Read() + LeaseSizes.TimeKept(loan.Budget).Ticks);
            return true;
        }
    }

    /// <summary>Another node has lent something, and prolongs it.</summary>
    /// <returns>What is here of its key, but for what this node likes to have for its own mail.</returns>
    public LimitMessages.LoanHeld Prolonged(LimitMessages.TokensLent loan)
    {
        ArgumentNullException.ThrowIfNull(loan);
        lock (_lock)
        {
            var now = _clock.Read();
            var entry = _entries.Find(loan.Key);
            entry?.Deposit(0, now + LeaseSizes.TimeKept(loan.Budget).Ticks);
            return new LimitMessages.LoanHeld(loan.Key, entry is null ? 0 : Math.Max(0, entry.Tokens - entry.Size(_nodes.Max, now)));
        }
    }

    /// <summary>Another node has so much of a key of which something was lent.</summary>
    public void Held(LimitMessages.LoanHeld held)
    {
        ArgumentNullException.ThrowIfNull(held);
        lock (_lock)
        {
            _entries.Find(held.Key)?.Loan.Held(held.Tokens);
        }
    }

    /// <summary>Another node wants what is here of a key: all of it, or half where the key is used here too.</summary>
    /// <returns>What it gets; null for nothing.</returns>
    public LimitMessages.TokensLent? Give(string key)
    {
        lock (_lock)
        {
            return _entries.Find(key) is { } entry && entry.TakeLoan(_clock.Read()) is > 0 and var tokens ? new LimitMessages.TokensLent(key, entry.Budget, tokens) : null;
        }
    }

    /// <summary>The budget of a key has nothing left.</summary>
    /// <returns>True when others may have some of it: it is to be asked back, once, before anybody is refused.</returns>
    public bool Recall(LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var (nodes, now) = (_nodes.Max, _clock.Read());
            return MayAsk(nodes, now) && _entries.FindOrAdd(claim) is { } entry && entry.Loan.TryRecall(entry.CanOthersHave(nodes), now) && Ask();
        }
    }

    /// <summary>A node is away. Which budgets are with it is not known: what is here of any is kept, also of keys without mail on this node, for those that have some elsewhere.</summary>
    public void KeepAll()
    {
        lock (_lock)
        {
            var now = _clock.Read();
            foreach (var (_, entry) in _entries.All)
            {
                entry.Keep(now);
            }
        }
    }

    /// <summary>The budget of a key does not answer.</summary>
    /// <returns>True when the other nodes are to be asked for what they have of it: whoever uses the key too gives half each time.</returns>
    public bool ShouldAsk(LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        lock (_lock)
        {
            var (nodes, now) = (_nodes.Max, _clock.Read());
            return MayAsk(nodes, now) && _entries.Find(claim.Key) is { } entry && entry.CanOthersHave(nodes) && entry.Loan.TryAsk(now) && Ask();
        }
    }

    private bool MayAsk(int nodes, long now)
    {
        if (now - _askedSince >= TimeSpan.TicksPerSecond)
        {
            (_askedSince, _asked) = (now, 0);
        }

        return nodes > 1 && _asked < QuestionsPerSecondMax;
    }

    private bool Ask()
    {
        _asked++;
        return true;
    }
}
