using Relay.Actors.Cluster;
using Relay.Messages.Cluster;

namespace Relay.Actors.Tests.Cluster;

public sealed class OtherClustersTests
{
    private static readonly string[] Seeds = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData("a", "a", "b", "b,c", true)]
    [InlineData("b", "b,c", "a", "a", false)]
    [InlineData("a", "a,b", "c", "c,d", false)]
    [InlineData("c", "c,d", "a", "a,b", true)]
    public void The_smaller_cluster_yields_and_of_two_equal_ones_that_of_the_later_seed(
        string self, string mine, string other, string theirs, bool yields)
    {
        var (own, told) = (Reports.Of(self, [.. mine.Split(',')]), Reports.Of(other, [.. theirs.Split(',')]));

        Assert.Equal(yields, YieldsAfter(own, told));
    }

    [Fact]
    public void It_must_look_so_for_a_while_without_a_gap()
    {
        var (own, told) = (Reports.Of("a", ["a"]), Reports.Of("b", ["b", "c"]));
        var others = new OtherClusters(Seeds);

        Assert.False(others.MustYield(told, own, At(0)));
        Assert.False(others.MustYield(told, own, At(3)));
        Assert.False(others.MustYield(told, own, At(6.5)));
        Assert.False(others.MustYield(told, own, At(9)));
        Assert.True(others.MustYield(told, own, At(10.5)));
    }

    [Fact]
    public void One_moment_that_looks_right_begins_the_wait_anew()
    {
        var (own, told) = (Reports.Of("a", ["a"]), Reports.Of("b", ["b", "c"]));
        var others = new OtherClusters(Seeds);
        others.MustYield(told, own, At(0));
        others.MustYield(told, own, At(2));

        Assert.False(others.MustYield(Reports.Of("b", []), own, At(3)));
        Assert.False(others.MustYield(told, own, At(4)));
    }

    [Fact]
    public void A_node_that_was_removed_and_does_not_know_it_makes_nobody_yield()
    {
        // It slept while the others went on: it still counts them all, and they are fewer without it.
        var sleeper = Reports.Of("a", ["a", "b", "c"]);
        var own = Reports.Of("b", ["b", "c"]);

        Assert.False(YieldsAfter(own, sleeper));
    }

    [Fact]
    public void Another_life_of_a_member_is_no_member()
    {
        var own = Reports.Of("a", ["a"]);
        var other = Reports.Of("b", ["b", "c"]) with { Members = [new MemberId("a", 2), new MemberId("b", 1), new MemberId("c", 1)] };

        Assert.True(YieldsAfter(own, other));
    }

    [Fact]
    public void Who_is_no_seed_is_nobody() => Assert.False(YieldsAfter(Reports.Of("a", ["a"]), Reports.Of("x", ["x", "y"])));

    [Fact]
    public void Two_clusters_are_never_both_given_up()
    {
        string[][] clusters = [["a"], ["b"], ["a", "c"], ["b", "d"], ["c", "d"], ["d", "e"], ["a", "d", "e"]];
        foreach (var mine in clusters)
        {
            foreach (var theirs in clusters.Where(theirs => !theirs.Intersect(mine).Any()))
            {
                var (own, other) = (Reports.Of(mine[0], [.. mine]), Reports.Of(theirs[0], [.. theirs]));
                Assert.NotEqual(YieldsAfter(own, other), YieldsAfter(other, own));
            }
        }
    }

    private static bool YieldsAfter(NodeReport own, NodeReport told)
    {
        var others = new OtherClusters(Seeds);
        others.MustYield(told, own, At(0));
        others.MustYield(told, own, At(2));
        return others.MustYield(told, own, At(4));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
