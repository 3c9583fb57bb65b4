using System.Collections.Concurrent;
using Akka.Actor;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>How a shard's budgets begin on this node.</summary>
/// <param name="EmptyAt">They are empty as of this time of the budgets' clock, because they may have lived elsewhere; null: full.</param>
/// <param name="FullAt">The budgets for which something else is known, by <see cref="LimitKeys.DigestOf"/>, and when each is full; null: none.</param>
/// <param name="Ahead">Ticks for which empty budgets have filled already: the part of a node that died with them.</param>
public sealed record ShardBeginning(long? EmptyAt, IReadOnlyDictionary<UInt128, long>? FullAt = null, long Ahead = 0)
{
    /// <summary>When the budget of a key is full; null when nothing is known of it alone.</summary>
    public long? WhenFull(string key) => FullAt is { Count: > 0 } && FullAt.TryGetValue(LimitKeys.DigestOf(key), out var at) ? at : null;
}

/// <summary>How the shards that live on this node began. Thread-safe.</summary>
public sealed class ShardBeginnings
{
    private readonly ConcurrentDictionary<IActorRef, ShardBeginning> _known = new();

    /// <summary>How a shard began; null while that is not known.</summary>
    /// <param name="shard">The shard's actor, this life of it.</param>
    public ShardBeginning? Find(IActorRef shard) => _known.GetValueOrDefault(shard);

    /// <summary>It is known.</summary>
    public void Add(IActorRef shard, ShardBeginning beginning) => _known[shard] = beginning;

    /// <summary>The shard has ended here.</summary>
    public void Remove(IActorRef shard) => _known.TryRemove(shard, out _);
}

/// <summary>The shards whose budgets this process has given tokens of. It outlives the cluster's system, and so tells its restart from the process's.</summary>
public sealed class GrantedShards
{
    private readonly ConcurrentDictionary<string, bool> _shards = new(StringComparer.Ordinal);

    /// <summary>True when budgets of the shard may have given tokens in this process.</summary>
    public bool Has(string shard) => _shards.ContainsKey(shard);

    /// <summary>Budgets of the shard may give tokens from now on.</summary>
    public void Add(string shard) => _shards[shard] = true;
}
