using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Accounts;

namespace Relay.Actors.Accounts;

/// <summary>Holds users whose recipients fail, or who send far more than usual, until an operator lets them go. Thread-safe; outlives the cluster's system.</summary>
/// <remarks>Counts of all nodes add up here, and what one node holds the others hold too: <see cref="AccountsActor"/> carries both.</remarks>
public sealed class AccountBreaker
{
    /// <summary>The rule that refusals name.</summary>
    public const string Rule = "breaker";

    /// <summary>Users of which something is remembered, and as many that are held or were let go.</summary>
    public const int UsersMax = 10_000;

    private readonly Lock _lock = new();
    private readonly AccountRecords _records = new(UsersMax);
    private readonly AccountHolds _holds = new(UsersMax);
    private readonly AccountNews _news = new(UsersMax);
    private readonly PolicyAgent _policy;
    private readonly TimeProvider _time;
    private readonly BudgetClock _clock;

    /// <summary>Nobody is held.</summary>
    public AccountBreaker(PolicyAgent policy, TimeProvider time)
    {
        _policy = policy;
        _time = time;
        _clock = new BudgetClock(time);
    }

    /// <summary>Raised when a user is held or let go, on the thread of whoever made it so: whoever listens must neither wait nor throw.</summary>
    public event Action<AccountChange>? Changed;

    /// <summary>Users that are held.</summary>
    public IReadOnlyList<ToldHold> Held => [.. All.Where(static hold => hold.IsHeld)];

    /// <summary>How many are held.</summary>
    public int HeldCount => _holds.Count;

    /// <summary>Users that are held, and those that were let go, as <see cref="Restore"/> takes them.</summary>
    public IReadOnlyList<ToldHold> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _holds.All];
            }
        }
    }

    /// <summary>Users of which something is remembered.</summary>
    public int Tracked
    {
        get
        {
            lock (_lock)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>True for a user that is held, while the policy in force holds anybody.</summary>
    public bool IsHeld(string? user) => user is not null && _holds.Has(user) && _policy.Current.Breaker.IsOn;

    /// <summary>The hold of a user; null for one that is not held.</summary>
    public ToldHold? HoldOf(string? user)
    {
        if (user is null || !IsHeld(user))
        {
            return null;
        }

        lock (_lock)
        {
            return _holds.Find(user) is { IsHeld: true } hold ? hold : null;
        }
    }

    /// <summary>A recipient of a user was accepted.</summary>
    /// <param name="user">The user; null, for nobody, is not counted.</param>
    public void Accept(string? user) => Count(user, named: 1, failed: 0);

    /// <summary>A recipient of a user was refused for good, in words that <see cref="RefusedAddress"/> knows.</summary>
    /// <param name="user">The user; null, for nobody, is not counted.</param>
    public void Refuse(string? user) => Count(user, named: 1, failed: 1);

    /// <summary>The same after they had been accepted.</summary>
    /// <param name="user">The user; null, for nobody, is not counted.</param>
    /// <param name="failed">How many.</param>
    /// <param name="age">How old the mail is: that of old mail tells nothing of who has the password now.</param>
    public void Fail(string? user, int failed, TimeSpan age)
    {
        if (failed > 0)
        {
            Count(user, named: 0, failed, age);
        }
    }

    /// <summary>Lets a user go.</summary>
    /// <returns>False when it was not held.</returns>
    public bool Release(string user)
    {
        ToldHold release;
        lock (_lock)
        {
            if (_holds.Find(user) is not { IsHeld: true } hold)
            {
                return false;
            }

            release = hold with { IsHeld = false, At = After(hold) };
            Take(release, isNews: true);
        }

        Changed?.Invoke(new AccountChange(release, IsOurs: true));
        return true;
    }

    /// <summary>Takes what was held before the node was started. To be called before anything is counted.</summary>
    public void Restore(IEnumerable<ToldHold> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        lock (_lock)
        {
            foreach (var hold in holds)
            {
                _holds.Take(hold);
            }
        }
    }

    /// <summary>Takes what other nodes have not been told yet, as much as one message may hold; null when there is nothing.</summary>
    public AccountMessages.AccountsTold? TakeNews()
    {
        lock (_lock)
        {
            return _news.Take();
        }
    }

    /// <summary>Tells all holds and releases once more, with the next news.</summary>
    public void TellAgain()
    {
        lock (_lock)
        {
            foreach (var hold in _holds.All)
            {
                _news.Add(hold);
            }
        }
    }

    /// <summary>Takes what another node counted and holds.</summary>
    public void Learn(AccountMessages.AccountsTold told)
    {
        ArgumentNullException.ThrowIfNull(told);
        foreach (var hold in told.Holds)
        {
            bool isChanged;
            lock (_lock)
            {
                isChanged = Take(hold, isNews: false);
            }

            if (isChanged)
            {
                Changed?.Invoke(new AccountChange(hold, IsOurs: false));
            }
        }

        foreach (var count in told.Counts)
        {
            Count(count.User, count.Named, count.Failed, isNews: false);
        }
    }

    private void Count(string? user, int named, int failed, TimeSpan age = default, bool isNews = true)
    {
        if (user is null || _policy.Current.Breaker is not { IsOn: true } rules)
        {
            return;
        }

        ToldHold? hold = null;
        lock (_lock)
        {
            var now = _clock.Read();
            var record = _records.FindOrAdd(user);
            if (!record.Tells(now, rules, age))
            {
                return;
            }

            if (isNews)
            {
                _news.Add(user, named, failed);
            }

            if (record.Add(now, rules, named, failed) is { } reason && !_holds.Has(user))
            {
                hold = new ToldHold(user, IsHeld: true, After(_holds.Find(user)), reason);
                hold = Take(hold, isNews: true) ? hold : null;
            }
        }

        if (hold is not null)
        {
            Changed?.Invoke(new AccountChange(hold, IsOurs: true));
        }
    }

    private bool Take(ToldHold hold, bool isNews)
    {
        if (!_holds.Take(hold))
        {
            return false;
        }

        if (isNews)
        {
            _news.Add(hold);
        }

        if (!hold.IsHeld)
        {
            _records.Find(hold.User)?.Pardon(_clock.Read());
        }

        return true;
    }

    // Now, and later than what is known whatever the clocks say. As it is told and kept: a finer time would not be what others compare with.
    private DateTimeOffset After(ToldHold? known)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
        return known is null || now > known.At ? now : known.At.AddMilliseconds(1);
    }
}
