using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Limits;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

/// <summary>Who asks, who waits, and who is answered how.</summary>
public sealed class LimitDeskTests
{
    private static readonly PolicySnapshot Slow = TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 10 }""");
    private static readonly PolicySnapshot Two = TestLimits.Policy(
        """{ "name": "slow", "rate": "60/min", "burst": 10 }, { "name": "domain", "key": ["client", "senderDomain"], "rate": "60/min" }""");

    private readonly FakeTimeProvider _time = new();
    private readonly LimitAgent _agent;
    private readonly LimitDesk _desk;
    private readonly List<IBudgetMessage> _sent = [];
    private readonly List<LimitAnswer> _answers = [];
    private bool _isOpen = true;

    public LimitDeskTests()
    {
        _agent = new LimitAgent(new LimitBounds { PatienceAlone = new LimitBounds().Patience }, 1, _time);
        _desk = new LimitDesk(_agent, _time, message =>
        {
            _sent.Add(message);
            return _isOpen;
        }, static _ => { });
    }

    [Fact]
    public void Grant_is_for_who_waits_and_the_rest_for_the_next()
    {
        Want(Slow);
        var wanted = Assert.IsType<LimitMessages.TokensWanted>(Assert.Single(_sent));
        Assert.Equal(("slow 192.0.2.7", 1L, 3L), (wanted.Key, wanted.Need, wanted.Want));
        Assert.Empty(_answers);
        Answer(tokens: 2);
        Assert.Equal([LimitAnswer.Taken], _answers);
        Want(Slow);
        Assert.Single(_sent);
        Assert.Equal(2, _answers.Count);
    }

    [Fact]
    public void Tokens_that_nobody_waits_for_are_asked_for_once_and_kept()
    {
        var claim = TestLimits.Claims(Slow)[0];
        _desk.Refill(claim, 3);
        _desk.Refill(claim, 3);
        var wanted = Assert.IsType<LimitMessages.TokensWanted>(Assert.Single(_sent));
        Assert.Equal((1L, 3L), (wanted.Need, wanted.Want));
        Answer(tokens: 2);
        Want(Slow);
        Want(Slow);
        Assert.Equal([LimitAnswer.Taken, LimitAnswer.Taken], _answers);
        Assert.False(_desk.HasRequests);
    }

    [Fact]
    public void Those_who_come_meanwhile_are_in_one_request()
    {
        Want(Slow);
        Want(Slow);
        Want(Slow);
        Assert.Single(_sent);
        Answer(tokens: 1);
        Assert.Single(_answers);
        var second = Assert.IsType<LimitMessages.TokensWanted>(_sent[1]);
        Assert.Equal((1L, 4L), (second.Need, second.Want));
        Answer(tokens: 2);
        Assert.Equal(3, _answers.Count);
        Assert.All(_answers, answer => Assert.Equal(LimitAnswer.Taken, answer));
        Assert.False(_desk.HasRequests);
    }

    [Fact]
    public void Refusal_is_for_all_who_get_nothing_and_costs_no_further_request()
    {
        Want(Slow);
        Want(Slow);
        Answer(tokens: 0, retryAfter: TimeSpan.FromSeconds(1));
        Assert.All(_answers, answer => Assert.Equal(LimitAnswerKind.Refused, answer.Kind));
        Want(Slow);
        Assert.Equal(3, _answers.Count);
        Assert.Single(_sent);
        Assert.Equal(3, _agent.Counts.Refusals.Single().Value);
    }

    [Fact]
    public void Tokens_of_one_limit_come_back_when_another_refuses()
    {
        Want(Two);
        Answer(tokens: 1, key: "slow 192.0.2.7");
        Assert.Empty(_answers);
        Answer(tokens: 0, retryAfter: TimeSpan.FromSeconds(1), key: "domain 192.0.2.7 b.example");
        Assert.Equal("limits[\"domain\"]", Assert.Single(_answers).Refusal!.Rule);
        Assert.Equal(LimitAnswer.Taken, _agent.Leases.Take(TestLimits.Claims(Slow), LimitFallback.Defer));
    }

    [Fact]
    public void Budget_that_takes_too_long_is_done_without()
    {
        var allowing = TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 10 }""", "allow");
        Want(Slow);
        Want(Slow);
        Want(allowing);
        _time.Advance(_agent.Bounds.Patience - TimeSpan.FromTicks(1));
        _desk.GiveUpLate();
        Assert.Empty(_answers);
        _time.Advance(TimeSpan.FromTicks(1));
        _desk.GiveUpLate();
        // The node's share begins with one.
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Refused, LimitAnswerKind.Taken], _answers.Select(answer => answer.Kind));
        // For a while nobody waits for it again.
        Want(allowing);
        Assert.Single(_sent);
        Assert.Equal(4, _answers.Count);
    }

    [Fact]
    public void Budget_of_a_node_alone_is_slow_and_not_away()
    {
        var agent = new LimitAgent(new LimitBounds(), 1, _time);
        var desk = new LimitDesk(agent, _time, _ => true, static _ => { });
        desk.Want(TestLimits.Claims(Slow), LimitFallback.LocalShare, _answers.Add);
        _time.Advance(agent.Bounds.PatienceAlone - TimeSpan.FromTicks(1));
        desk.GiveUpLate();
        Assert.Empty(_answers);
        _time.Advance(TimeSpan.FromTicks(1));
        desk.GiveUpLate();
        Assert.Single(_answers);
    }

    [Fact]
    public void Grant_that_comes_late_is_a_lease_all_the_same()
    {
        Want(Slow);
        _time.Advance(_agent.Bounds.Patience);
        _desk.GiveUpLate();
        Answer(tokens: 1);
        Assert.Equal(LimitAnswer.Taken, _agent.Leases.Take(TestLimits.Claims(Slow), LimitFallback.Defer));
    }

    [Fact]
    public void What_was_given_out_without_the_budget_is_told_to_it()
    {
        Want(Slow);
        _time.Advance(_agent.Bounds.Patience);
        _desk.GiveUpLate();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Want(Slow);
        _time.Advance(TimeSpan.FromSeconds(1));
        Want(Slow);
        _time.Advance(_agent.Bounds.Patience);
        _desk.GiveUpLate();
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Refused, LimitAnswerKind.Taken], _answers.Select(answer => answer.Kind));
        Answer(tokens: 0, retryAfter: TimeSpan.FromSeconds(1));
        var used = Assert.IsType<LimitMessages.TokensUsed>(_sent[^1]);
        Assert.Equal((2L, TimeSpan.FromMilliseconds(1250)), (used.Tokens, used.Age));
    }

    [Fact]
    public void Who_waits_for_a_budget_that_has_nothing_gets_what_is_left_of_the_share()
    {
        Want(Slow);
        _time.Advance(_agent.Bounds.Patience);
        _desk.GiveUpLate();
        Assert.Equal(LimitAnswerKind.Taken, Assert.Single(_answers).Kind);
        _time.Advance(_agent.Bounds.Respite);
        Want(Slow); // the share has not filled up yet
        _time.Advance(TimeSpan.FromSeconds(1) - _agent.Bounds.Respite);
        Answer(tokens: 0, retryAfter: TimeSpan.FromSeconds(1));
        Assert.Equal([LimitAnswer.Taken, LimitAnswer.Taken], _answers);
        Assert.False(_desk.HasRequests);
        Assert.Equal(2, Assert.IsType<LimitMessages.TokensUsed>(_sent[^1]).Tokens);
    }

    [Fact]
    public void Without_a_way_to_budgets_nobody_waits()
    {
        _isOpen = false;
        Want(Slow);
        Want(Slow);
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Refused], _answers.Select(answer => answer.Kind));
        Assert.False(_desk.HasRequests);
    }

    [Fact]
    public void Budget_without_room_is_replaced_by_its_networks_and_then_by_everyones()
    {
        Want(Slow);
        Full("slow 192.0.2.7");
        Full("slow +192.0.2.0/24");
        Answer(tokens: 1, key: "slow +");
        Assert.Equal([LimitAnswer.Taken], _answers);
        Assert.Equal(["slow 192.0.2.7", "slow +192.0.2.0/24", "slow +"], _sent.Select(message => message.Key));
    }

    [Fact]
    public void Desk_that_ends_leaves_nobody_waiting()
    {
        Want(Slow);
        _desk.GiveUpAll();
        Assert.Equal(LimitAnswerKind.Refused, Assert.Single(_answers).Kind);
    }

    private void Want(PolicySnapshot policy) => _desk.Want(TestLimits.Claims(policy), policy.RateLimits.Fallback, _answers.Add);

    private void Answer(long tokens, TimeSpan retryAfter = default, string key = "slow 192.0.2.7") =>
        _desk.Answered(new LimitMessages.TokensAnswered(key, NumberOf(key), tokens, retryAfter, IsFull: false));

    private void Full(string key) => _desk.Answered(new LimitMessages.TokensAnswered(key, NumberOf(key), 0, TimeSpan.Zero, IsFull: true));

    private long NumberOf(string key) => _sent.OfType<LimitMessages.TokensWanted>().Last(message => message.Key == key).Number;
}
