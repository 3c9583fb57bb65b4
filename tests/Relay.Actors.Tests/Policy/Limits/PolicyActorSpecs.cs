using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

/// <summary>How a budget begins, what it gives, and when there is no room for it.</summary>
public sealed class PolicyActorSpecs : ActorSpecs
{
    private static readonly LimitBudget Slow = new(60, TimeSpan.FromMinutes(1), 10);
    private static readonly LimitBudget Fast = new(500, TimeSpan.FromSeconds(1), 500);

    private readonly FakeTimeProvider _time = new();
    private readonly ShardBeginnings _beginnings = new();
    private readonly LiveBudgets _live = new();
    private readonly BudgetClock _clock;

    public PolicyActorSpecs() => _clock = new BudgetClock(_time);

    [Fact]
    public async Task Budget_that_is_new_has_its_burst()
    {
        _beginnings.Add(TestActor, new ShardBeginning(null));
        var answer = await AskAsync(Budget(), Slow, need: 1, want: 12);
        Assert.Equal((10, TimeSpan.FromSeconds(1)), (answer.Tokens, answer.RetryAfter));
    }

    [Fact]
    public async Task Budget_that_may_have_lived_elsewhere_is_empty_since_its_shard_began()
    {
        _beginnings.Add(TestActor, new ShardBeginning(_clock.Read()));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, (await AskAsync(Budget(), Slow, need: 1, want: 12)).Tokens);
    }

    [Fact]
    public async Task Budget_of_a_node_that_died_has_that_nodes_part_of_what_nobody_gave_meanwhile()
    {
        _time.Advance(TimeSpan.FromSeconds(30));
        _beginnings.Add(TestActor, new ShardBeginning(_clock.Read(), Ahead: TimeSpan.FromSeconds(4).Ticks));
        var budget = Budget();
        Assert.Equal(4, (await AskAsync(budget, Slow, need: 1, want: 12)).Tokens);
        _time.Advance(TimeSpan.FromSeconds(5));
        // What another node gave out of its share until the shard began here was that node's own part.
        budget.Tell(new LimitMessages.TokensUsed("a b", Slow, 8, TimeSpan.FromSeconds(20)));
        Assert.Equal(3, (await AskAsync(budget, Slow, need: 1, want: 12)).Tokens);
    }

    [Fact]
    public async Task Budget_that_came_with_its_shard_owes_what_it_owed()
    {
        var fullAt = new Dictionary<UInt128, long> { [LimitKeys.DigestOf("a b")] = _clock.Read() + TimeSpan.FromSeconds(4).Ticks };
        _beginnings.Add(TestActor, new ShardBeginning(null, fullAt));
        Assert.Equal(6, (await AskAsync(Budget(), Slow, need: 1, want: 12)).Tokens);
    }

    [Fact]
    public async Task Budget_that_ends_tells_what_it_owes()
    {
        _beginnings.Add(TestActor, new ShardBeginning(null));
        var budget = Budget();
        await AskAsync(budget, Slow, need: 1, want: 7);
        Sys.Stop(budget);
        Assert.Equal(new ShardMemoryActor.BudgetEnded(TestActor, "a b", TimeSpan.FromSeconds(7)), await ExpectMsgAsync<ShardMemoryActor.BudgetEnded>());
    }

    [Fact]
    public async Task Who_asks_before_the_beginning_is_known_waits()
    {
        var budget = Budget();
        budget.Tell(new LimitMessages.TokensWanted("a b", 1, Slow, 1, 1));
        Assert.Equal(TestActor, (await ExpectMsgAsync<ShardMemoryActor.WhenBegan>()).Actor);
        budget.Tell(new ShardBeginning(null));
        Assert.Equal(1, (await ExpectMsgAsync<LimitMessages.TokensAnswered>()).Tokens);
    }

    [Fact]
    public async Task Used_tokens_count_as_far_as_the_budget_was_there()
    {
        _time.Advance(TimeSpan.FromSeconds(30));
        _beginnings.Add(TestActor, new ShardBeginning(_clock.Read()));
        var budget = Budget();
        _time.Advance(TimeSpan.FromSeconds(10));
        // Half of the time it was not there.
        budget.Tell(new LimitMessages.TokensUsed("a b", Slow, 8, TimeSpan.FromSeconds(20)));
        Assert.Equal(6, (await AskAsync(budget, Slow, need: 1, want: 12)).Tokens);
        budget.Tell(new LimitMessages.TokensUsed("a b", Slow, 3, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(4), (await AskAsync(budget, Slow, need: 1, want: 1)).RetryAfter);
        // No more than the burst, whatever a node gave out that was away.
        budget.Tell(new LimitMessages.TokensUsed("a b", Slow, 5000, TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(14), (await AskAsync(budget, Slow, need: 1, want: 1)).RetryAfter);
    }

    [Fact]
    public async Task Who_is_over_a_fast_limit_asks_again_when_a_lease_is_there()
    {
        _beginnings.Add(TestActor, new ShardBeginning(null));
        var budget = Budget();
        await AskAsync(budget, Fast, need: 1, want: 500);
        Assert.Equal(66, (await AskAsync(budget, Fast, need: 1, want: 33)).RetryAfter.TotalMilliseconds, precision: 2);
        Assert.Equal(200, (await AskAsync(budget, Fast, need: 1, want: 400)).RetryAfter.TotalMilliseconds, precision: 2);
    }

    [Fact]
    public async Task Budget_without_room_says_so_and_ends()
    {
        var budget = Budget(new LimitBounds { BudgetsPerShardMax = 0 });
        Assert.True((await AskAsync(budget, Slow, need: 1, want: 1)).IsFull);
        var passivate = await ExpectMsgAsync<Passivate>();
        Watch(budget);
        budget.Tell(passivate.StopMessage);
        await ExpectTerminatedAsync(budget);
        Assert.Equal(0, _live.Total);
    }

    private TestActorRef<PolicyActor> Budget(LimitBounds? bounds = null) => ActorOfAsTestActorRef<PolicyActor>(
        PolicyActor.PropsFor("a b", new BudgetHost(_live, _beginnings, TestActor, bounds ?? new LimitBounds(), _clock)), TestActor);

    private async Task<LimitMessages.TokensAnswered> AskAsync(IActorRef budget, LimitBudget of, long need, long want)
    {
        budget.Tell(new LimitMessages.TokensWanted("a b", 1, of, need, want), TestActor);
        return await ExpectMsgAsync<LimitMessages.TokensAnswered>();
    }
}
