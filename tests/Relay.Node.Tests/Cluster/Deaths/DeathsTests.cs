using System.Collections.Immutable;
using Relay.Node.Cluster.Deaths;

namespace Relay.Node.Tests.Cluster.Deaths;

public sealed class DeathsTests
{
    [Theory]
    [InlineData("rR", "r")] // one of three
    [InlineData("rRR", "r")] // of four
    [InlineData("rrRR", "rr")] // two of five
    public void Who_refuses_twice_is_dead_where_most_nodes_are_reached(string nodes, string dead) => Assert.Equal(dead.Length, DeadOf(nodes));

    [Theory]
    [InlineData("r")] // one of two: the other may think the same
    [InlineData("rr")] // this node alone of three, behind a firewall that refuses
    [InlineData("rrR")] // half of four
    [InlineData("ru")] // the third one of three may be with the first
    [InlineData("fR")] // for the first time
    [InlineData("uR")] // the network is cut
    [InlineData("RR")]
    [InlineData("")]
    public void Nobody_is_dead_who_may_live(string nodes) => Assert.Equal(0, DeadOf(nodes));

    // r: refuses again, f: refuses for the first time, R: is reached, u: does not answer
    private static int DeadOf(string nodes)
    {
        var findings = nodes.Index().ToDictionary(static node => node.Index, static node => node.Item switch
        {
            'R' => PortFinding.Reached,
            'u' => PortFinding.Unknown,
            _ => PortFinding.Refused,
        });
        var before = nodes.Index().Where(static node => node.Item == 'r').Select(static node => node.Index).ToImmutableHashSet();
        var dead = Node.Cluster.Deaths.Deaths.Of(findings, before);
        Assert.All(dead, node => Assert.Equal('r', nodes[node]));
        return dead.Count;
    }
}
