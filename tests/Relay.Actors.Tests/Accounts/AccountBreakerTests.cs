using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Accounts;
using Relay.Actors.Policy;
using Relay.Messages.Accounts;
using Relay.Policy.Accounts;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Actors.Tests.Accounts;

public sealed class AccountBreakerTests
{
    private static readonly BreakerRules Rules = new() { Failures = 4, Percent = 50 };

    private readonly FakeTimeProvider _time = new();
    private readonly PolicyAgent _policy = new(PolicySnapshot.Compile(new PolicyDocument { Breaker = Rules }, version: 1));
    private readonly List<AccountChange> _changes = [];

    [Fact]
    public void Refusals_and_failures_add_up_and_hold_a_user_once()
    {
        var breaker = Make();
        breaker.Accept("alice");
        breaker.Accept("alice");
        breaker.Accept("alice");
        Refuse(breaker, "alice", 2);
        breaker.Fail("alice", 1, TimeSpan.FromHours(2)); // too old to tell
        Assert.False(breaker.IsHeld("alice"));

        _time.Advance(TimeSpan.FromMinutes(1));
        breaker.Fail("alice", 2, TimeSpan.FromSeconds(30));
        breaker.Fail("alice", 1, TimeSpan.FromSeconds(30));

        Assert.True(breaker.IsHeld("alice"));
        Assert.False(breaker.IsHeld("bob"));
        Assert.Equal("4 of 5 recipients failed", Assert.Single(breaker.Held).Reason);
        Assert.True(Assert.Single(_changes).IsOurs);
    }

    [Fact]
    public void Nobody_is_counted_or_held_while_the_policy_holds_nobody()
    {
        var breaker = Make();
        Refuse(breaker, "alice", 4);
        _policy.Apply(PolicySnapshot.Compile(new PolicyDocument { Breaker = new BreakerRules { Failures = 0 } }, version: 2));
        Refuse(breaker, "bob", 4);
        breaker.Refuse(null);

        Assert.False(breaker.IsHeld("alice"));
        Assert.Equal(1, breaker.Tracked);
    }

    [Fact]
    public void Counts_of_two_nodes_hold_a_user_on_both_and_a_release_on_one_lets_it_go_on_both()
    {
        var (one, other) = (Make(), Make());
        Refuse(one, "alice", 2);
        Refuse(other, "alice", 2);
        Exchange(one, other);
        Assert.True(one.IsHeld("alice") && other.IsHeld("alice"));

        Assert.True(other.Release("alice"));
        Assert.False(other.Release("alice"));
        Exchange(one, other);
        Assert.False(one.IsHeld("alice") || other.IsHeld("alice"));

        // Both have forgotten what counted.
        Refuse(one, "alice", 3);
        Exchange(one, other);
        Assert.False(one.IsHeld("alice") || other.IsHeld("alice"));
    }

    [Fact]
    public void A_node_that_was_away_holds_whom_the_others_hold_and_does_not_bring_back_who_was_let_go()
    {
        var (one, away) = (Make(), Make());
        Refuse(one, "alice", 4);
        Refuse(one, "bob", 4);
        Exchange(one, away);
        one.Release("alice");
        Refuse(one, "eve", 4);
        while (one.TakeNews() is not null)
        {
            // Told while the other was away.
        }

        var back = Make();
        back.Restore(away.All);
        back.TellAgain();
        one.TellAgain();
        Exchange(one, back);

        Assert.Equal(["bob", "eve"], one.Held.Select(static hold => hold.User).Order());
        Assert.Equal(["bob", "eve"], back.Held.Select(static hold => hold.User).Order());
    }

    [Fact]
    public void Those_who_were_counted_longest_ago_give_way_and_the_others_stay()
    {
        var breaker = Make();
        Refuse(breaker, "early", 3);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        for (var user = 1; user < AccountBreaker.UsersMax; user++)
        {
            breaker.Accept($"u{user}");
        }

        _time.Advance(TimeSpan.FromMilliseconds(1));
        breaker.Accept("u1");
        breaker.Accept("one-more");

        Assert.InRange(breaker.Tracked, AccountBreaker.UsersMax / 2, AccountBreaker.UsersMax);
        breaker.Refuse("early");
        Assert.False(breaker.IsHeld("early"));
        Refuse(breaker, "u1", 4);
        Assert.Equal("4 of 6 recipients failed", Assert.Single(breaker.Held).Reason);
    }

    [Fact]
    public void News_go_in_messages_of_a_bounded_size()
    {
        var breaker = Make();
        for (var user = 0; user < 250; user++)
        {
            Refuse(breaker, $"u{user}", 4);
        }

        var told = new List<AccountMessages.AccountsTold>();
        while (breaker.TakeNews() is { } news)
        {
            told.Add(news);
        }

        Assert.All(told, static news => Assert.True(news.Counts.Length <= AccountMessages.CountsMax && news.Holds.Length <= AccountMessages.HoldsMax));
        Assert.Equal(250, told.Sum(static news => news.Counts.Length));
        Assert.Equal(250, told.Sum(static news => news.Holds.Length));
        Assert.All(told.SelectMany(static news => news.Counts), static count => Assert.Equal((4, 4), (count.Named, count.Failed)));
    }

    private static void Refuse(AccountBreaker breaker, string user, int times)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Refuse(user);
        }
    }

    private static void Exchange(AccountBreaker one, AccountBreaker other)
    {
        AccountMessages.AccountsTold? fromOne, fromOther;
        while ((fromOne = one.TakeNews()) is not null | (fromOther = other.TakeNews()) is not null)
        {
            if (fromOne is not null)
            {
                other.Learn(fromOne);
            }

            if (fromOther is not null)
            {
                one.Learn(fromOther);
            }
        }
    }

    private AccountBreaker Make()
    {
        var breaker = new AccountBreaker(_policy, _time);
        breaker.Changed += _changes.Add;
        return breaker;
    }
}
