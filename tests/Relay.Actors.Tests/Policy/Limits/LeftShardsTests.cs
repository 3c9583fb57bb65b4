using Akka.Actor;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

/// <summary>What a node tells of a shard that was moved away from it.</summary>
public sealed class LeftShardsTests
{
    private const int Number = 7;
    private static readonly long Second = TimeSpan.TicksPerSecond;
    private static readonly IActorRef Shard = ActorRefs.Nobody;

    private readonly LeftShards _left = new();

    [Fact]
    public void What_a_budget_owes_goes_with_its_shard_and_shrinks_on_the_way()
    {
        End("a b", fullAt: 30 * Second);
        _left.ShardEnded(Number, Shard, new ShardBeginning(null), now: 10 * Second);
        var told = _left.Take(Number, now: 12 * Second);
        Assert.True(told.IsKnown);
        Assert.Null(told.EmptyFor);
        Assert.Equal(TimeSpan.FromSeconds(18), Assert.Single(told.Owed).FullAfter);
        var beginning = LeftShards.BeginningOf(told, now: 100 * Second);
        Assert.Equal(118 * Second, beginning.WhenFull("a b"));
        Assert.Null(beginning.WhenFull("a c"));
        Assert.Null(beginning.EmptyAt);
    }

    [Fact]
    public void It_is_told_once()
    {
        _left.ShardEnded(Number, Shard, new ShardBeginning(null), now: 0);
        Assert.True(_left.Take(Number, now: 1).IsKnown);
        Assert.False(_left.Take(Number, now: 1).IsKnown);
    }

    [Fact]
    public void It_is_not_told_late_nor_after_a_node_was_lost()
    {
        _left.ShardEnded(Number, Shard, new ShardBeginning(null), now: 0);
        Assert.False(_left.Take(Number, now: LeftShards.KeptFor.Ticks + 1).IsKnown);
        _left.ShardEnded(Number, Shard, new ShardBeginning(null), now: 0);
        _left.Forget();
        Assert.False(_left.Take(Number, now: 1).IsKnown);
    }

    [Fact]
    public void Nothing_is_told_of_a_shard_whose_beginning_was_not_known()
    {
        End("a b", fullAt: 30 * Second);
        _left.ShardEnded(Number, Shard, beginning: null, now: 0);
        Assert.False(_left.Take(Number, now: 1).IsKnown);
    }

    [Fact]
    public void What_came_with_the_shard_and_was_not_asked_for_goes_on_with_it()
    {
        var came = LeftShards.BeginningOf(
            new LimitMessages.ShardLeft(Number, IsKnown: true, TimeSpan.FromSeconds(1), [Owed("a b", 30), Owed("a c", 40), Owed("a d", 1)]), now: 5 * Second);
        End("a c", fullAt: 60 * Second);
        _left.ShardEnded(Number, Shard, came, now: 10 * Second);
        var told = _left.Take(Number, now: 10 * Second);
        Assert.Equal(TimeSpan.FromSeconds(6), told.EmptyFor);
        Assert.Equal(
            new Dictionary<string, TimeSpan> { ["a b"] = TimeSpan.FromSeconds(25), ["a c"] = TimeSpan.FromSeconds(50) },
            new[] { "a b", "a c", "a d" }.Select(key => (Key: key, Owed: told.Owed.SingleOrDefault(owed => new UInt128(owed.High, owed.Low) == LimitKeys.DigestOf(key))))
                .Where(static pair => pair.Owed is not null).ToDictionary(static pair => pair.Key, static pair => pair.Owed!.FullAfter));
    }

    [Fact]
    public void More_than_fit_in_a_message_are_not_told()
    {
        for (var i = 0; i <= LimitMessages.OwedMax; i++)
        {
            End($"a {i}", fullAt: 30 * Second);
        }

        _left.ShardEnded(Number, Shard, new ShardBeginning(null), now: 0);
        Assert.False(_left.Take(Number, now: 1).IsKnown);
    }

    private static OwedBudget Owed(string key, int seconds)
    {
        var digest = LimitKeys.DigestOf(key);
        return new OwedBudget((ulong)(digest >> 64), (ulong)digest, TimeSpan.FromSeconds(seconds));
    }

    private void End(string key, long fullAt) => _left.BudgetEnded(Shard, LimitKeys.DigestOf(key), fullAt);
}
