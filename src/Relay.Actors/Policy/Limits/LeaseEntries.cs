using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>The keys that a node remembers something of, within bounds. Not thread-safe: its table locks.</summary>
internal sealed class LeaseEntries(LimitBounds bounds)
{
    private readonly Dictionary<string, LeaseEntry> _entries = new(StringComparer.Ordinal);
    private int _keys;

    /// <summary>All of them.</summary>
    public int Count => _entries.Count;

    /// <summary>What is remembered, by key.</summary>
    public IReadOnlyCollection<KeyValuePair<string, LeaseEntry>> All => _entries;

    /// <summary>What is remembered of a key; null for nothing.</summary>
    public LeaseEntry? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>The same, begun when there is nothing; null when there is no room.</summary>
    public LeaseEntry? FindOrAdd(LimitClaim claim) => FindOrAdd(claim.Key, claim.Rule.Limit.Budget);

    /// <summary>The same.</summary>
    public LeaseEntry? FindOrAdd(string key, in LimitBudget budget)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            return entry;
        }

        if (!HasRoom(key))
        {
            return null;
        }

        entry = new LeaseEntry(budget);
        _entries.Add(key, entry);
        _keys += LimitKeys.IsShared(key) ? 0 : 1;
        return entry;
    }

    /// <summary>The claim on the budget that is really there for a key.</summary>
    public LimitClaim Resolve(LimitClaim claim, long now)
    {
        while (_entries.TryGetValue(claim.Key, out var entry) ? entry.SharedUntil > now : !HasRoom(claim.Key))
        {
            if (claim.Shared() is not { } shared)
            {
                break;
            }

            claim = shared;
        }

        return claim;
    }

    /// <summary>Forgets keys of which nothing is left to know, and takes the tokens out that were kept too long.</summary>
    public IReadOnlyList<(string Key, LimitBudget Budget, long Tokens)> Sweep(long now)
    {
        var expired = new List<(string Key, LimitBudget Budget, long Tokens)>();
        foreach (var (key, entry) in _entries)
        {
            if (entry.TakeExpired(now) is > 0 and var tokens)
            {
                expired.Add((key, entry.Budget, tokens));
            }

            if (entry.IsIdle(now))
            {
                _entries.Remove(key);
                _keys -= LimitKeys.IsShared(key) ? 0 : 1;
            }
        }

        return expired;
    }

    private bool HasRoom(string key) => LimitKeys.IsSharedByAll(key)
        || (LimitKeys.IsShared(key) ? _entries.Count - _keys < bounds.SharedKeysMax : _keys < bounds.KeysMax);
}
