using System.Collections.Concurrent;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Counts the budgets that live on this node, so that inventing keys costs bounded memory. Thread-safe.</summary>
public sealed class LiveBudgets
{
    private readonly ConcurrentDictionary<string, Counts> _shards = new(StringComparer.Ordinal);
    private long _total;

    /// <summary>All that live here.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Lets a budget live while there is room in its shard. The budget of everyone always has some.</summary>
    public bool TryEnter(string shard, string key, LimitBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ref var count = ref CountOf(shard, key);
        var max = LimitKeys.IsShared(key) ? bounds.SharedPerShardMax : bounds.BudgetsPerShardMax;
        if (Interlocked.Increment(ref count) > max && !LimitKeys.IsSharedByAll(key))
        {
            Interlocked.Decrement(ref count);
            return false;
        }

        Interlocked.Increment(ref _total);
        return true;
    }

    /// <summary>A budget that was let in has ended.</summary>
    public void Leave(string shard, string key)
    {
        Interlocked.Decrement(ref CountOf(shard, key));
        Interlocked.Decrement(ref _total);
    }

    private ref int CountOf(string shard, string key)
    {
        var counts = _shards.GetOrAdd(shard, static _ => new Counts());
        return ref LimitKeys.IsShared(key) ? ref counts.Shared : ref counts.Own;
    }

    private sealed class Counts
    {
        public int Own;
        public int Shared;
    }
}
