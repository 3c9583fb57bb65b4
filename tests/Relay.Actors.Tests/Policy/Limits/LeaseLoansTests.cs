using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Limits;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

/// <summary>What nodes lend each other, for the time after a node's death.</summary>
public sealed class LeaseLoansTests
{
    private const string Key = "slow 192.0.2.7";
    private static readonly PolicySnapshot Policy = TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 48 }""");
    private static readonly LimitClaim Claim = TestLimits.Claims(Policy)[0];
    private static readonly LimitBudget Budget = Claim.Rule.Limit.Budget;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Reserve_of_a_budget_that_would_die_with_the_node_is_lent_to_the_others()
    {
        var table = Table();
        Filled(table);
        Assert.Equal([new LimitMessages.TokensLent(Key, Budget, 20 - LeaseSizes.ReserveLeast)], table.Loans.Due());
        Assert.Empty(table.Loans.Due());
        // It is out, so the node does not fill it up here again.
        Assert.Equal(1 + LeaseSizes.ReserveLeast, table.Want(Claim, 1));
    }

    [Fact]
    public void Loan_grows_with_what_the_key_uses()
    {
        var table = Table();
        table.Answered(Claim, tokens: 10, given: 8, isHere: true);
        Assert.Equal(4, Assert.Single(table.Loans.Due()).Tokens);
        table.Answered(Claim, tokens: 0, given: 12, isHere: true);
        Assert.Equal(1 + 20 - 4, table.Want(Claim, 1)); // without what is out
        Assert.Empty(table.Loans.Due());
        table.Answered(Claim, tokens: 10, isHere: true);
        Assert.Equal(20 - 4 - LeaseSizes.ReserveLeast, Assert.Single(table.Loans.Due()).Tokens);
    }

    [Fact]
    public void Loan_of_a_budget_that_has_little_left_stays_out_and_does_not_grow()
    {
        var table = Table();
        Filled(table);
        Assert.Single(table.Loans.Due());
        table.Answered(Claim, tokens: 4, given: 10, isShort: true, isHere: true);
        Assert.Empty(table.Loans.Due());
        _time.Advance(LeaseSizes.ReserveKeptFor - LeaseSizes.LoanRenewedBefore);
        Assert.Equal(0, Assert.Single(table.Loans.Due()).Tokens);
    }

    // However long ago it was lent: at no moment a node's death would find nothing of it with the others.
    [Fact]
    public void Loan_is_prolonged_in_time_as_long_as_the_key_is_used()
    {
        var table = Table();
        table.Answered(Claim, tokens: 30, given: 30, isHere: true);
        var lent = Assert.Single(table.Loans.Due()).Tokens;
        var (prolonged, until) = (0, LeaseSizes.ReserveKeptFor);
        for (var at = TimeSpan.FromSeconds(1); at < TimeSpan.FromMinutes(5); at += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            table.Answered(Claim, tokens: 0, given: 2, isHere: true);
            if (table.Loans.Due() is [var due])
            {
                Assert.Equal(0, due.Tokens);
                table.Loans.Held(new LimitMessages.LoanHeld(Key, lent / 2));
                table.Loans.Held(new LimitMessages.LoanHeld(Key, lent - (lent / 2)));
                (prolonged, until) = (prolonged + 1, at + LeaseSizes.ReserveKeptFor);
            }

            Assert.True(until - at > TimeSpan.FromSeconds(4));
        }

        Assert.Equal(59, prolonged); // every 5 s
    }

    [Fact]
    public void What_the_others_have_not_any_more_is_lent_anew()
    {
        var table = Table();
        Filled(table);
        Assert.Equal(16, Assert.Single(table.Loans.Due()).Tokens);
        _time.Advance(LeaseSizes.ReserveKeptFor - LeaseSizes.LoanRenewedBefore);
        Assert.Equal(0, Assert.Single(table.Loans.Due()).Tokens);
        table.Loans.Held(new LimitMessages.LoanHeld(Key, 3));
        table.Loans.Held(new LimitMessages.LoanHeld(Key, 6));
        table.Loans.Held(new LimitMessages.LoanHeld("slow 192.0.2.8", 9));
        _time.Advance(LeaseSizes.LoanAnsweredWithin - TimeSpan.FromTicks(1));
        Assert.Empty(table.Loans.Due());
        _time.Advance(TimeSpan.FromTicks(1));
        Filled(table);
        Assert.Equal(18, Assert.Single(table.Loans.Due()).Tokens); // 31 used of late, 4 stay here, 9 are there
        Assert.Empty(table.Loans.Due());
    }

    [Fact]
    public void Node_that_does_not_say_what_it_has_counts_for_none_of_it()
    {
        var table = Table();
        Filled(table);
        Assert.Single(table.Loans.Due());
        table.Loans.Held(new LimitMessages.LoanHeld(Key, 100)); // was not asked
        _time.Advance(LeaseSizes.ReserveKeptFor - LeaseSizes.LoanRenewedBefore);
        Assert.Equal(0, Assert.Single(table.Loans.Due()).Tokens);
        _time.Advance(LeaseSizes.LoanAnsweredWithin);
        Filled(table);
        Assert.True(Assert.Single(table.Loans.Due()).Tokens > 20);
    }

    // It would be kept for ever, and the budget fill up beside it.
    [Fact]
    public void Loan_of_a_key_that_is_used_much_less_than_before_is_let_run_out()
    {
        var table = Table();
        table.Answered(Claim, tokens: 40, given: 36, isHere: true);
        Assert.Equal(32, Assert.Single(table.Loans.Due()).Tokens);
        for (var at = 0; at < LeaseSizes.ReserveKeptFor.TotalSeconds - 1; at++)
        {
            _time.Advance(TimeSpan.FromSeconds(2)); // what was used before counts less and less
            Assert.All(table.Loans.Due(), loan => table.Loans.Held(new LimitMessages.LoanHeld(Key, 32)));
        }

        table.Answered(Claim, tokens: 20, given: 9, isHere: true);
        Assert.Equal(15, Assert.Single(table.Loans.Due()).Tokens); // of 32 before
    }

    [Fact]
    public void What_a_node_needs_for_its_own_mail_is_not_what_it_holds_for_another()
    {
        var table = Table();
        table.Answered(Claim, tokens: 12, given: 10);
        Assert.Equal(new LimitMessages.LoanHeld(Key, 2), table.Loans.Prolonged(new LimitMessages.TokensLent(Key, Budget, 0)));
        table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 7));
        Assert.Equal(new LimitMessages.LoanHeld(Key, 9), table.Loans.Prolonged(new LimitMessages.TokensLent(Key, Budget, 0)));
    }

    [Fact]
    public void Nothing_is_lent_of_a_key_that_needs_nothing_or_has_nothing()
    {
        var table = Table();
        table.Answered(Claim, tokens: 24, given: 20, isHere: false);
        Assert.Empty(table.Loans.Due()); // lives elsewhere: the reserve is where it belongs
        table = Table();
        table.Answered(Claim, tokens: 24, given: (int)LeaseSizes.LoanLeast - 1, isHere: true);
        Assert.Empty(table.Loans.Due());
        table = Table();
        table.Answered(Claim, tokens: 24, given: 20, isShort: true, isHere: true);
        Assert.Empty(table.Loans.Due());
        table = Table();
        table.Answered(Claim, tokens: 7, given: 20, isHere: true);
        Assert.Empty(table.Loans.Due()); // is being filled
        table = Table(nodes: 1);
        Filled(table);
        Assert.Empty(table.Loans.Due());
    }

    [Fact]
    public void What_was_lent_is_used_like_a_lease_and_goes_back_to_the_budget_unused()
    {
        var table = Table();
        Assert.True(table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 2)));
        Assert.Equal(LimitAnswer.Taken, table.Take([Claim], LimitFallback.Defer));
        _time.Advance(LeaseSizes.ReserveKeptFor - TimeSpan.FromSeconds(1));
        Assert.Equal(new LimitMessages.LoanHeld(Key, 0), table.Loans.Prolonged(new LimitMessages.TokensLent(Key, Budget, 0)));
        _time.Advance(LeaseSizes.ReserveKeptFor - TimeSpan.FromSeconds(1));
        Assert.Empty(table.Sweep());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([(Key, Budget, 1L)], table.Sweep());
    }

    [Fact]
    public void Node_that_is_asked_gives_what_it_does_not_use_itself()
    {
        var table = Table();
        Assert.Null(table.Loans.Give(Key));
        table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 10));
        Assert.Equal(new LimitMessages.TokensLent(Key, Budget, 10), table.Loans.Give(Key));
        Assert.Null(table.Loans.Give(Key));
        table.Answered(Claim, tokens: 10, given: 5);
        Assert.Equal(new LimitMessages.TokensLent(Key, Budget, 5), table.Loans.Give(Key));
    }

    [Fact]
    public void Others_are_asked_now_and_then_until_the_budget_answers_and_nothing_runs_out_meanwhile()
    {
        var table = Table();
        Assert.False(table.Loans.ShouldAsk(Claim)); // nothing is known of the key
        table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 2));
        table.Unavailable(Claim);
        Assert.True(table.Loans.ShouldAsk(Claim));
        Assert.False(table.Loans.ShouldAsk(Claim));
        _time.Advance(LeaseSizes.AskEvery);
        Assert.True(table.Loans.ShouldAsk(Claim));
        _time.Advance(LeaseSizes.ReserveKeptFor + TimeSpan.FromSeconds(5));
        Assert.Empty(table.Sweep());
        Assert.Equal(LimitAnswer.Taken, table.Take([Claim], LimitFallback.Defer));
        table.Answered(Claim, tokens: 1);
        table.Unavailable(Claim);
        Assert.True(table.Loans.ShouldAsk(Claim));
    }

    // Mail of the key comes to other nodes: this one does not notice that its budget is gone, and those that do will ask for what is here.
    [Fact]
    public void What_is_here_is_kept_while_a_node_is_away()
    {
        var table = Table();
        table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 9));
        _time.Advance(LeaseSizes.LoanRenewedBefore);
        table.Loans.KeepAll();
        _time.Advance(LeaseSizes.KeptWithoutBudget - TimeSpan.FromSeconds(1));
        Assert.Empty(table.Sweep());
        Assert.Equal(new LimitMessages.TokensLent(Key, Budget, 9), table.Loans.Give(Key));
    }

    [Fact]
    public void What_was_kept_for_a_node_that_is_away_goes_back_in_the_end()
    {
        var table = Table();
        table.Loans.Came(new LimitMessages.TokensLent(Key, Budget, 9));
        table.Loans.KeepAll();
        _time.Advance(LeaseSizes.KeptWithoutBudget);
        Assert.Equal([(Key, Budget, 9L)], table.Sweep());
        Assert.Null(table.Loans.Give(Key));
    }

    [Fact]
    public void Nobody_is_refused_for_what_is_only_lent()
    {
        var (desk, sent, asked, answers) = Desk();
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        Refuse(desk, sent);
        Assert.Equal([Key], asked);
        Assert.Empty(answers);
        desk.Lent(new LimitMessages.TokensLent(Key, Budget, 1));
        Assert.Equal([LimitAnswer.Taken], answers);
        Assert.False(desk.HasRequests);
        Assert.Single(sent);
    }

    [Fact]
    public void Who_gets_nothing_of_it_in_time_is_refused()
    {
        var (desk, sent, asked, answers) = Desk();
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        Refuse(desk, sent);
        desk.Lent(new LimitMessages.TokensLent(Key, Budget, 1));
        Assert.Equal([LimitAnswer.Taken], answers);
        _time.Advance(new LimitBounds().Patience);
        desk.GiveUpLate();
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Refused], answers.Select(answer => answer.Kind));
        // It was asked back once, and the refusal is remembered.
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        Assert.Equal(LimitAnswerKind.Refused, answers[^1].Kind);
        Assert.Equal([Key], asked);
    }

    // A budget that has just moved here knows nothing of what the node that had it before has lent.
    [Fact]
    public void Others_are_asked_before_a_refusal_now_and_then_though_this_node_has_lent_nothing()
    {
        var (desk, sent, asked, answers) = DeskWithoutLoans();
        Refuse();
        desk.Lent(new LimitMessages.TokensLent(Key, Budget, 1));
        Assert.Equal([LimitAnswer.Taken], answers);
        Refuse();
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Refused], answers.Select(answer => answer.Kind));
        Assert.Equal([Key], asked);
        _time.Advance(LeaseSizes.RecallEvery);
        Refuse();
        Assert.Equal([Key, Key], asked);
        Assert.Equal(2, answers.Count);

        void Refuse()
        {
            desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
            LeaseLoansTests.Refuse(desk, sent);
        }
    }

    [Fact]
    public void Answer_that_comes_too_late_for_its_own_request_serves_who_waits_for_the_others()
    {
        var (desk, sent, _, answers) = DeskWithoutLoans();
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        Refuse(desk, sent);
        desk.Answered(new LimitMessages.TokensAnswered(Key, -1, 1, TimeSpan.Zero, IsFull: false));
        _time.Advance(new LimitBounds().Patience);
        desk.GiveUpLate();
        Assert.Equal([LimitAnswer.Taken], answers);
    }

    [Fact]
    public void Others_are_asked_for_so_many_keys_in_a_second_and_no_more()
    {
        var table = Table();
        var claims = Enumerable.Range(0, LeaseLoans.QuestionsPerSecondMax + 2).Select(static i => Claim with { Key = $"slow {i}" }).ToList();
        Assert.Equal(LeaseLoans.QuestionsPerSecondMax, claims.Count(table.Loans.Recall));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, claims.Count(table.Loans.Recall));
    }

    [Fact]
    public void Nobody_is_asked_for_a_key_of_which_no_node_can_have_a_reserve()
    {
        var claim = TestLimits.Claims(TestLimits.Policy("""{ "name": "rare", "rate": "1/d", "burst": 2 }"""))[0];
        Assert.False(Table().Loans.Recall(claim));
    }

    [Fact]
    public void Loan_of_a_key_that_is_forgotten_cannot_be_prolonged_and_costs_nothing()
    {
        var table = Table();
        Assert.Equal(new LimitMessages.LoanHeld(Key, 0), table.Loans.Prolonged(new LimitMessages.TokensLent(Key, Budget, 0)));
        Assert.Equal(0, table.Keys);
    }

    [Fact]
    public void Others_are_asked_when_a_budget_does_not_answer()
    {
        var agent = new LimitAgent(new LimitBounds(), 3, _time);
        agent.Start.End();
        var (asked, answers) = (new List<string>(), new List<LimitAnswer>());
        var desk = new LimitDesk(agent, _time, static _ => true, asked.Add);
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        _time.Advance(new LimitBounds().Patience);
        desk.GiveUpLate();
        Assert.Equal([LimitAnswer.Taken], answers); // the node's share begins with one
        Assert.Equal([Key], asked);
        desk.Lent(new LimitMessages.TokensLent(Key, Budget, 2));
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        desk.Want([Claim], LimitFallback.LocalShare, answers.Add);
        Assert.Equal([LimitAnswerKind.Taken, LimitAnswerKind.Taken, LimitAnswerKind.Taken, LimitAnswerKind.Refused], answers.Select(answer => answer.Kind));
    }

    // A node that has lent all but the least, and used that. Its budget has nothing.
    private (LimitDesk Desk, List<IBudgetMessage> Sent, List<string> Asked, List<LimitAnswer> Answers) Desk()
    {
        var (desk, agent, sent, asked) = NewDesk();
        Filled(agent.Leases);
        Assert.Single(agent.Leases.Loans.Due());
        while (agent.Leases.Take([Claim], LimitFallback.Defer) == LimitAnswer.Taken)
        {
            // What it has kept is used.
        }

        return (desk, sent, asked, []);
    }

    private (LimitDesk Desk, List<IBudgetMessage> Sent, List<string> Asked, List<LimitAnswer> Answers) DeskWithoutLoans()
    {
        var (desk, _, sent, asked) = NewDesk();
        return (desk, sent, asked, []);
    }

    private (LimitDesk Desk, LimitAgent Agent, List<IBudgetMessage> Sent, List<string> Asked) NewDesk()
    {
        var agent = new LimitAgent(new LimitBounds(), 3, _time);
        var (sent, asked) = (new List<IBudgetMessage>(), new List<string>());
        var desk = new LimitDesk(
            agent,
            _time,
            message =>
            {
                sent.Add(message);
                return true;
            },
            asked.Add);
        return (desk, agent, sent, asked);
    }

    private static void Refuse(LimitDesk desk, List<IBudgetMessage> sent)
    {
        var wanted = Assert.IsType<LimitMessages.TokensWanted>(sent[^1]);
        desk.Answered(new LimitMessages.TokensAnswered(Key, wanted.Number, 0, TimeSpan.FromSeconds(1), IsFull: false), isHere: true);
    }

    private static void Filled(LeaseTable table) => table.Answered(Claim, tokens: 24, given: 20, isHere: true);

    private LeaseTable Table(int nodes = 3) => new(
        new LimitBounds(), new NodeCount(nodes, _time), new LimitCounts(), new StartOfNode(false, new LimitBounds(), _time), static (_, _) => true, _time);
}
