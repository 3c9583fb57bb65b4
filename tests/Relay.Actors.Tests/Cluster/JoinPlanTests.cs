using System.Collections.Immutable;
using Relay.Actors.Cluster;
using Relay.Messages.Cluster;

namespace Relay.Actors.Tests.Cluster;

public sealed class JoinPlanTests
{
    private static readonly string[] Seeds = ["a", "b", "c"];
    private static readonly TimeSpan FormWait = TimeSpan.FromSeconds(5);

    [Fact]
    public void Alone_no_seed_ever_forms_a_cluster()
    {
        foreach (var seed in Seeds)
        {
            Assert.IsType<JoinStep.Wait>(PlanOf(seed).Next(Seconds(3600)));
        }
    }

    [Fact]
    public void A_node_that_is_the_only_seed_forms_its_cluster_at_once() =>
        Assert.Equal(1, Assert.IsType<JoinStep.Form>(new JoinPlan(["a"], "a", FormWait, default).Next(default)).Heard);

    [Fact]
    public void The_first_seed_forms_as_soon_as_it_has_heard_all_others_and_they_wait()
    {
        var plans = Seeds.Select(PlanOf).ToArray();
        Hear(plans, 1);

        Assert.IsType<JoinStep.Form>(plans[0].Next(Seconds(1)));
        Assert.All(plans[1..], plan => Assert.IsType<JoinStep.Wait>(plan.Next(Seconds(1))));
    }

    [Fact]
    public void Without_the_first_seed_the_second_forms_after_a_wait()
    {
        var plan = PlanOf("b");
        plan.Heard(Unjoined("c"), Seconds(4));
        Assert.IsType<JoinStep.Wait>(plan.Next(Seconds(4.9)));

        plan.Heard(Unjoined("c"), Seconds(5));
        Assert.Equal(2, Assert.IsType<JoinStep.Form>(plan.Next(Seconds(5))).Heard);
    }

    [Fact]
    public void What_was_heard_long_ago_does_not_count()
    {
        var plan = PlanOf("a");
        plan.Heard(Unjoined("b"), Seconds(1));
        plan.Heard(Unjoined("c"), Seconds(1));

        Assert.IsType<JoinStep.Wait>(plan.Next(Seconds(4.1)));
    }

    [Fact]
    public void A_first_seed_that_comes_back_asks_those_that_are_in_a_cluster_and_forms_none()
    {
        var plan = PlanOf("a");
        plan.Heard(Joined("c", "b", "c"), default);
        plan.Heard(Unjoined("b"), default);
        Assert.Equal(["c"], Assert.IsType<JoinStep.Ask>(plan.Next(default)).Addresses);

        plan.Heard(Joined("c", "b", "c"), Seconds(3));
        Assert.IsType<JoinStep.Wait>(plan.Next(Seconds(3)));
        plan.Heard(Joined("c", "b", "c"), Seconds(5));
        plan.Heard(Joined("b", "b", "c"), Seconds(5));
        Assert.Equal(["b", "c"], Assert.IsType<JoinStep.Ask>(plan.Next(Seconds(5))).Addresses);
    }

    [Fact]
    public void Of_two_clusters_the_larger_is_asked()
    {
        var plan = new JoinPlan(["a", "b", "c", "d"], "a", FormWait, default);
        plan.Heard(Joined("b", "b"), default);
        plan.Heard(Joined("c", "c", "d"), default);

        Assert.Equal(["c"], Assert.IsType<JoinStep.Ask>(plan.Next(default)).Addresses);
    }

    [Fact]
    public void Who_is_no_seed_and_oneself_count_for_nothing()
    {
        var plan = PlanOf("a");
        plan.Heard(Unjoined("x"), default);
        plan.Heard(Joined("y", "y"), default);
        plan.Heard(Unjoined("a"), default);

        Assert.IsType<JoinStep.Wait>(plan.Next(Seconds(1)));
    }

    [Fact]
    public void Of_seeds_that_hear_each_other_never_two_form()
    {
        // Whoever is there, and whoever of them is in a cluster: at most one of the others begins one, and none while one is there.
        for (var alive = 0; alive < 32; alive++)
        {
            for (var joined = alive; joined >= 0; joined = joined == 0 ? -1 : (joined - 1) & alive)
            {
                var forming = FormingOf(alive, joined);
                Assert.True(joined == 0 ? forming == (int.PopCount(alive) >= 3 ? 1 : 0) : forming == 0, $"{alive:b} {joined:b}");
            }
        }
    }

    private static int FormingOf(int alive, int joined)
    {
        string[] seeds = ["a", "b", "c", "d", "e"];
        var present = Enumerable.Range(0, 5).Where(index => (alive & (1 << index)) != 0).ToArray();
        var waiting = present.Where(index => (joined & (1 << index)) == 0).ToArray();
        return waiting.Count(self =>
        {
            var plan = new JoinPlan(seeds, seeds[self], FormWait, default);
            foreach (var other in present.Where(other => other != self))
            {
                plan.Heard(waiting.Contains(other) ? Unjoined(seeds[other]) : Joined(seeds[other], seeds[other]), Seconds(6));
            }

            return plan.Next(Seconds(6)) is JoinStep.Form;
        });
    }

    private static void Hear(JoinPlan[] plans, double at)
    {
        foreach (var plan in plans)
        {
            foreach (var seed in Seeds)
            {
                plan.Heard(Unjoined(seed), Seconds(at));
            }
        }
    }

    private static JoinPlan PlanOf(string seed) => new(Seeds, seed, FormWait, default);

    private static NodeReport Unjoined(string seed) => Reports.Of(seed, []);

    private static NodeReport Joined(string seed, params string[] members) => Reports.Of(seed, [.. members]);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
