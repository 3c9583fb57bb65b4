using Relay.Actors.Bounces;

namespace Relay.Actors.Tests.Bounces;

/// <summary>How many reports may be made, and that none is refused for ever.</summary>
public sealed class BounceBudgetTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);
    private static readonly BounceLimits Limits = new() { PerSender = 60, SenderBurst = 3, PerDomain = 120, DomainBurst = 5, PerNode = 3600, NodeBurst = 8, TrackedMax = 8 };

    [Fact]
    public void A_sender_gets_its_burst_and_then_its_rate()
    {
        var budget = new BounceBudget(Limits);
        Assert.Equal(3, Take(budget, 10, _ => "a@one.example", Start));
        Assert.Equal(TimeSpan.FromMinutes(1), budget.TryTake("A@ONE.example", false, Start));
        Assert.Equal(TimeSpan.Zero, budget.TryTake("a@one.example", false, Start.AddMinutes(1)));
        Assert.NotEqual(TimeSpan.Zero, budget.TryTake("a@one.example", false, Start.AddMinutes(1)));
    }

    [Fact]
    public void The_senders_of_a_domain_share_its_limit_and_all_share_the_nodes()
    {
        var budget = new BounceBudget(Limits);
        Assert.Equal(5, Take(budget, 10, i => $"s{i}@one.example", Start));
        Assert.Equal(3, Take(budget, 10, i => $"s@d{i}.example", Start));
    }

    [Fact]
    public void Strangers_leave_a_part_to_those_who_are_known()
    {
        var budget = new BounceBudget(Limits);
        Assert.Equal(6, Take(budget, 100, i => $"s@d{i}.example", Start, isStrangers: true));
        Assert.Equal(2, Take(budget, 100, i => $"user@u{i}.example", Start));
        // And they have no turn before the others' part is there again.
        var later = Start.AddSeconds(2);
        Assert.Equal(0, Take(budget, 100, i => $"t@d{i}.example", later, isStrangers: true));
        Assert.Equal(2, Take(budget, 100, i => $"other@u{i}.example", later));
    }

    [Fact]
    public void In_any_hour_no_more_than_rate_and_burst_are_made_and_whoever_waits_as_told_gets_its_turn()
    {
        var budget = new BounceBudget(Limits);
        var now = Start;
        var made = new List<DateTimeOffset>();
        while (made.Count < 200)
        {
            var wait = budget.TryTake("a@one.example", false, now);
            if (wait == TimeSpan.Zero)
            {
                made.Add(now);
            }

            now += wait;
        }

        for (var i = 0; i + 63 < made.Count; i++)
        {
            Assert.True(made[i + 63] - made[i] >= TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void Ten_thousand_invented_senders_are_not_remembered_and_share_their_domains_limit()
    {
        var budget = new BounceBudget(Limits with { PerDomain = 100_000, DomainBurst = 20_000, PerNode = 100_000, NodeBurst = 20_000 });
        Assert.Equal(10_000, Take(budget, 10_000, i => $"s{i}@one.example", Start));
        Assert.InRange(budget.Tracked, 1, Limits.TrackedMax);
    }

    private static int Take(BounceBudget budget, int times, Func<int, string> sender, DateTimeOffset now, bool isStrangers = false) =>
        Enumerable.Range(0, times).Count(i => budget.TryTake(sender(i), isStrangers, now) == TimeSpan.Zero);
}
