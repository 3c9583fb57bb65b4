using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

public sealed class LeaseTableTests
{
    private const string Slow = """{ "name": "slow", "rate": "60/min", "burst": 10 }""";

    private static readonly LimitBounds Bounds = new();

    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Key, long Tokens)> _refills = [];

    [Fact]
    public void Lease_covers_as_many_as_were_granted_and_not_for_ever()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
        table.Answered(claims[0], 3);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        _time.Advance(LeaseSizes.ReserveKeptFor);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
        Assert.Equal(1, Assert.Single(table.Sweep()).Tokens);
        Assert.Equal(0, table.Keys);
    }

    [Fact]
    public void Lease_is_refilled_before_it_is_used_up_once_at_a_time()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 48 }""")));
        table.Answered(claims[0], 4);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        }

        // Not at the first; and but once while there is no answer.
        Assert.Equal([("slow 192.0.2.7", 2L)], _refills);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        table.Answered(claims[0], 2);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        // As many as were used of late.
        Assert.Equal([("slow 192.0.2.7", 2L), ("slow 192.0.2.7", 4L)], _refills);
    }

    [Fact]
    public void Reserve_grows_with_what_a_key_uses_and_only_while_its_budget_has_enough()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 48 }""")));
        table.Answered(claims[0], tokens: 5, given: 20);
        Assert.Equal(1 + 20, table.Want(claims[0], 1));
        _time.Advance(LeaseSizes.ReserveCovers);
        Assert.Equal(1 + 7, table.Want(claims[0], 1));
        table.Answered(claims[0], tokens: 0, given: 100);
        Assert.Equal(1 + 36, table.Want(claims[0], 1));
        table.Answered(claims[0], tokens: 0, given: 1, isShort: true);
        Assert.Equal(1 + 4, table.Want(claims[0], 1));
        _time.Advance(LeaseSizes.ReserveCovers);
        Assert.Equal(1 + 36, table.Want(claims[0], 1));
    }

    [Fact]
    public void Lease_is_used_while_the_budget_does_not_answer()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 48 }""")));
        table.Answered(claims[0], 2);
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Defer));
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Defer));
        Assert.Equal(LimitAnswerKind.Refused, table.Take(claims, LimitFallback.Defer).Kind);
        Assert.Empty(_refills);
    }

    [Fact]
    public void Refusal_is_remembered_until_the_budget_may_have_some()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Refused(claims[0], TimeSpan.FromSeconds(2));
        var answer = table.Take(claims, LimitFallback.LocalShare);
        Assert.Equal(LimitAnswerKind.Refused, answer.Kind);
        Assert.Equal("limits[\"slow\"]", answer.Refusal!.Rule);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
    }

    [Fact]
    public void Refusal_of_much_does_not_refuse_less()
    {
        const string Bulk = """{ "name": "bulk", "unit": "bytes", "rate": "1000/min" }""";
        var (table, policy) = (Table(), TestLimits.Policy(Bulk));
        table.Refused(TestLimits.Claims(policy, size: 900)[0], TimeSpan.FromSeconds(2));
        Assert.Equal(LimitAnswerKind.Refused, table.Take(TestLimits.Claims(policy, size: 901), LimitFallback.LocalShare).Kind);
        Assert.Equal(LimitAnswer.Unknown, table.Take(TestLimits.Claims(policy, size: 899), LimitFallback.LocalShare));
    }

    [Fact]
    public void All_claims_are_taken_or_none()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow + """, { "name": "other", "rate": "1/s" }""")));
        table.Answered(claims[0], 1);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
        table.Refused(claims[1], TimeSpan.FromSeconds(1));
        Assert.Equal("limits[\"other\"]", table.Take(claims, LimitFallback.LocalShare).Refusal!.Rule);
        table.Answered(claims[1], 1);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        Assert.Equal(LimitAnswer.Unknown, table.Take([claims[0]], LimitFallback.LocalShare));
    }

    [Fact]
    public void Refusal_further_on_spares_the_question()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow + """, { "name": "other", "rate": "1/s" }""")));
        table.Refused(claims[1], TimeSpan.FromSeconds(1));
        Assert.Equal(LimitAnswerKind.Refused, table.Take(claims, LimitFallback.LocalShare).Kind);
    }

    [Fact]
    public void Share_of_a_node_begins_with_one_mail_and_is_its_part_of_the_rate()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswerKind.Taken, table.Take(claims, LimitFallback.LocalShare).Kind);
        Assert.Equal(LimitAnswerKind.Refused, table.Take(claims, LimitFallback.LocalShare).Kind);
        var taken = 0;
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            table.Unavailable(claims[0]);
            taken += table.Take(claims, LimitFallback.LocalShare).Kind == LimitAnswerKind.Taken ? 1 : 0;
        }

        Assert.Equal(20, taken);
    }

    [Fact]
    public void Share_is_gone_once_the_budget_answers()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        _time.Advance(TimeSpan.FromSeconds(5));
        table.Answered(claims[0], 0);
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswerKind.Taken, table.Take(claims, LimitFallback.LocalShare).Kind);
        Assert.Equal(LimitAnswerKind.Refused, table.Take(claims, LimitFallback.LocalShare).Kind);
    }

    [Fact]
    public void Share_fills_while_the_lease_is_used_up()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Answered(claims[0], 2);
        for (var second = 0; second < 6; second++)
        {
            table.Unavailable(claims[0]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        table.Unavailable(claims[0]);
        // Two of the lease, the one that a share begins with, and a third of six seconds.
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => table.Take(claims, LimitFallback.LocalShare).Kind == LimitAnswerKind.Taken));
    }

    [Fact]
    public void Budget_that_did_not_answer_of_late_is_waited_for_only_by_mail_that_would_be_refused()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        _time.Advance(Bounds.Respite);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        // It is asked beside, once.
        Assert.Equal(1, Assert.Single(_refills).Tokens);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Allow));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.Defer));
        Assert.Single(_refills);
        _time.Advance(Bounds.Doubt);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
    }

    [Fact]
    public void Mail_that_passed_without_tokens_gives_none_back()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Allow));
        table.Answered(claims[0], tokens: 0);
        table.GiveBack(claims[0]);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.Allow));
        // What came of the budget comes back.
        table.Answered(claims[0], tokens: 1);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Allow));
        table.GiveBack(claims[0]);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Allow));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.Allow));
    }

    [Fact]
    public void Node_that_has_just_started_gives_out_no_share_for_a_while()
    {
        var (table, claims) = (Table(nodes: 3, isStarting: true), TestLimits.Claims(TestLimits.Policy(Slow)));
        for (var second = 0; second < 29; second++)
        {
            table.Unavailable(claims[0]);
            Assert.Same(claims[0].Rule.Unavailable, table.Take(claims, LimitFallback.LocalShare).Refusal);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        Assert.Same(claims[0].Rule.Refusal, table.Take(claims, LimitFallback.LocalShare).Refusal);
    }

    [Fact]
    public void What_a_share_gave_and_what_is_left_of_it_is_told_to_the_budget_once()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        for (var second = 0; second < 30; second++)
        {
            table.Unavailable(claims[0]);
            table.Take(claims, LimitFallback.LocalShare);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((31, TimeSpan.FromSeconds(30)), table.Answered(claims[0], 0));
        Assert.Equal(0, table.Answered(claims[0], 0).Tokens);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.Defer));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.Defer));
    }

    // The budget's node has died: the sender has lived on a reserve since, and the budget that begins elsewhere has nothing yet.
    [Fact]
    public void Share_that_was_not_needed_is_a_lease_when_the_budget_answers_and_told_to_it()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 48 }""")));
        table.Answered(claims[0], 9);
        for (var second = 0; second < 9; second++)
        {
            Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
            table.Unavailable(claims[0]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((4, TimeSpan.FromSeconds(9)), table.Answered(claims[0], 0));
        Assert.Equal(LimitAnswer.Taken, table.Take([.. Enumerable.Repeat(claims[0], 4)], LimitFallback.LocalShare));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
    }

    [Fact]
    public void Nothing_is_left_of_a_share_that_nobody_could_use_any_more()
    {
        var (table, claims) = (Table(nodes: 3), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        table.Take(claims, LimitFallback.Defer);
        Assert.Equal(0, table.Answered(claims[0], 0).Tokens);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.Defer));
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswer.Taken, table.Take(claims, LimitFallback.LocalShare));
        _time.Advance(Bounds.Respite + Bounds.Doubt);
        Assert.Equal(1, table.Answered(claims[0], 0).Tokens);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
    }

    [Fact]
    public void What_comes_back_to_a_share_is_no_lease_that_the_budget_is_not_told_of()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        table.Take(claims, LimitFallback.LocalShare);
        _time.Advance(TimeSpan.FromSeconds(1));
        table.Unavailable(claims[0]);
        Assert.Equal(LimitAnswerKind.Taken, table.Take(claims, LimitFallback.LocalShare).Kind);
        _time.Advance(TimeSpan.FromSeconds(1));
        table.GiveBack(claims[0]);
        Assert.Equal(3, table.Answered(claims[0], 0).Tokens); // one was used
        Assert.Equal(LimitAnswer.Taken, table.Take([claims[0], claims[0]], LimitFallback.LocalShare));
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
        Assert.Empty(table.Sweep());
    }

    [Theory]
    [InlineData(LimitFallback.Allow, LimitAnswerKind.Taken)]
    [InlineData(LimitFallback.Defer, LimitAnswerKind.Refused)]
    public void Other_fallbacks_do_as_they_say(LimitFallback fallback, LimitAnswerKind kind)
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Unavailable(claims[0]);
        Assert.Equal(kind, table.Take(claims, fallback).Kind);
    }

    [Fact]
    public void Million_keys_cost_bounded_memory_and_reset_no_limit()
    {
        const int Keys = 1_000_000;
        var bounds = new LimitBounds { KeysMax = 1000, SharedKeysMax = 10 };
        var counts = new LimitCounts();
        var table = new LeaseTable(bounds, new NodeCount(1, _time), counts, new StartOfNode(false, bounds, _time), Refill, _time);
        var policy = TestLimits.Policy(Slow);
        var victim = TestLimits.Claims(policy);
        table.Refused(victim[0], TimeSpan.FromHours(1));
        for (var i = 0; i < Keys; i++)
        {
            var claim = TestLimits.Claims(policy, new IPAddress(0x20000000 + (i * 7L)))[0];
            if (table.Take(ref claim, LimitFallback.LocalShare).Kind == LimitAnswerKind.Unknown)
            {
                table.Refused(claim, TimeSpan.FromHours(1));
            }
        }

        // One for everyone is always there.
        Assert.InRange(table.Keys, 1000, 1011);
        Assert.Equal(LimitAnswerKind.Refused, table.Take(victim, LimitFallback.LocalShare).Kind);
        _time.Advance(TimeSpan.FromHours(1));
        table.Sweep();
        Assert.Equal(0, table.Keys);
    }

    [Fact]
    public void Budget_that_has_no_room_is_its_networks_for_a_while()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        Assert.Equal("slow +192.0.2.0/24", table.Full(claims[0])!.Key);
        var claim = claims[0];
        table.Take(ref claim, LimitFallback.LocalShare);
        Assert.Equal("slow +192.0.2.0/24", claim.Key);
        _time.Advance(new LimitBounds().IdleTime);
        claim = claims[0];
        table.Take(ref claim, LimitFallback.LocalShare);
        Assert.Equal("slow 192.0.2.7", claim.Key);
    }

    [Fact]
    public void Debit_uses_the_lease_and_tells_the_rest()
    {
        var (table, claims) = (Table(), TestLimits.Claims(TestLimits.Policy(Slow)));
        table.Answered(claims[0], 3);
        Assert.Equal(2, table.Debit(claims[0], 5).Tokens);
        Assert.Equal(LimitAnswer.Unknown, table.Take(claims, LimitFallback.LocalShare));
    }

    [Fact]
    public void Nodes_that_are_gone_count_for_a_while()
    {
        var nodes = new NodeCount(1, _time);
        nodes.Set(3);
        nodes.Set(2);
        Assert.Equal(3, nodes.Max);
        _time.Advance(NodeCount.RememberedFor + TimeSpan.FromTicks(1));
        Assert.Equal(2, nodes.Max);
    }

    private LeaseTable Table(int nodes = 1, bool isStarting = false) => new(
        Bounds, new NodeCount(nodes, _time), new LimitCounts(), new StartOfNode(isStarting, Bounds, _time), Refill, _time);

    private bool Refill(LimitClaim claim, long tokens)
    {
        _refills.Add((claim.Key, tokens));
        return true;
    }
}
