using System.Collections.Immutable;
using Akka.Actor;
using Relay.Messages.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>What shards owed that the cluster has moved away from this node, for the node that has them now. Not thread-safe; no clock.</summary>
/// <remarks>
/// Each is told once: two nodes that begin the same shard one after the other must not both begin with it. It is forgotten when a node
/// cannot be reached, since the shard may then begin elsewhere a second time, and after <see cref="KeptFor"/>.
/// </remarks>
internal sealed class LeftShards
{
    /// <summary>How long it is kept: who has the shard asks within seconds.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(15);

    private readonly Dictionary<IActorRef, Dictionary<UInt128, long>> _ending = [];
    private readonly Dictionary<int, Left> _left = [];

    /// <summary>A budget has ended that is not full.</summary>
    /// <param name="shard">Its shard's actor.</param>
    /// <param name="key">Its key's digest.</param>
    /// <param name="fullAt">When it is full.</param>
    public void BudgetEnded(IActorRef shard, UInt128 key, long fullAt)
    {
        if (!_ending.TryGetValue(shard, out var owed))
        {
            _ending.Add(shard, owed = []);
        }

        // One more than can be told says that they cannot be told.
        if (owed.Count <= LimitMessages.OwedMax)
        {
            owed[key] = fullAt;
        }
    }

    /// <summary>A shard has ended here, and all of its budgets before it.</summary>
    /// <param name="number">The shard's number.</param>
    /// <param name="shard">Its actor.</param>
    /// <param name="beginning">How it had begun here; null: that was not known yet.</param>
    /// <param name="now">The time now.</param>
    public void ShardEnded(int number, IActorRef shard, ShardBeginning? beginning, long now)
    {
        _left.Remove(number);
        _ending.Remove(shard, out var owed);
        if (beginning is null)
        {
            return;
        }

        // Budgets that nobody asked for since the shard came here still owe what they owed then.
        owed ??= [];
        foreach (var (key, fullAt) in beginning.FullAt ?? ImmutableDictionary<UInt128, long>.Empty)
        {
            if (fullAt > now)
            {
                owed.TryAdd(key, fullAt);
            }
        }

        if (owed.Count <= LimitMessages.OwedMax)
        {
            _left.Add(number, new Left(beginning.EmptyAt, owed, now + KeptFor.Ticks));
        }
    }

    /// <summary>Tells what is known of a shard, and forgets it.</summary>
    public LimitMessages.ShardLeft Take(int number, long now)
    {
        if (!_left.Remove(number, out var left) || left.Until < now)
        {
            return new LimitMessages.ShardLeft(number, IsKnown: false, null, []);
        }

        TimeSpan? emptyFor = left.EmptyAt is { } emptyAt ? new TimeSpan(now - emptyAt) : null;
        return new LimitMessages.ShardLeft(number, IsKnown: true, emptyFor, [.. left.Owed
            .Where(owed => owed.Value > now)
            .Select(owed => new OwedBudget((ulong)(owed.Key >> 64), (ulong)owed.Key, new TimeSpan(owed.Value - now)))]);
    }

    /// <summary>Forgets all of them.</summary>
    public void Forget() => _left.Clear();

    /// <summary>How a shard begins that was told so.</summary>
    public static ShardBeginning BeginningOf(LimitMessages.ShardLeft left, long now)
    {
        var fullAt = new Dictionary<UInt128, long>();
        foreach (var owed in left.Owed)
        {
            fullAt[new UInt128(owed.High, owed.Low)] = now + owed.FullAfter.Ticks;
        }

        return new ShardBeginning(left.EmptyFor is { } emptyFor ? now - emptyFor.Ticks : null, fullAt);
    }

    private sealed record Left(long? EmptyAt, Dictionary<UInt128, long> Owed, long Until);
}
