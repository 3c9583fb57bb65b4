using System.Net;
using Akka.Actor;
using Akka.Remote;
using Relay.TestKit;

namespace Relay.Node.Tests.Cluster;

public sealed class FormationTests : IAsyncDisposable
{
    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private readonly List<NodeOfCluster> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Three_nodes_form_one_cluster_in_whatever_order_they_start()
    {
        await StartAsync(2);
        await StartAsync(1);
        await StartAsync(0);

        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds)));
        Assert.All(_nodes, node => Assert.Equal("up", node.State.Status));
        await UntilAsync(() => _nodes.All(node => node.State.Picture!.Members.All(member => member.Name.StartsWith("node-", StringComparison.Ordinal))));
        Assert.All(_nodes, node => Assert.Equal(1, node.State.Starts));
    }

    [Fact]
    public async Task The_first_seed_started_again_joins_the_others_and_a_second_node_gets_in_while_the_first_is_dead()
    {
        var first = await StartAsync(0);
        var second = await StartAsync(1);
        await StartAsync(2);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds)));

        await StopAsync(first);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds[1..])));
        await StopAsync(second);
        second = await StartAsync(1);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds[1..])));

        await StartAsync(0);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds)));
        Assert.All(_nodes, node => Assert.Equal(1, node.State.Starts));
    }

    [Fact]
    public async Task Two_of_three_form_a_cluster_without_the_first_seed_and_one_alone_does_not()
    {
        var second = await StartAsync(1);
        await UntilAsync(() => second.State.Picture is { IsMember: false, SilentSeeds.Length: 2 });
        Assert.Equal("joining", second.State.Status);

        await StartAsync(2);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds[1..])));
        Assert.Equal($"akka.tcp://relay@{_seeds[0]}", Assert.Single(second.State.Picture!.SilentSeeds));
    }

    [Fact]
    public async Task A_node_that_is_gone_is_told_of_once_and_not_with_every_try_to_reach_it()
    {
        await StartAsync(0);
        await StartAsync(1);
        var gone = await StartAsync(2);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds)));

        await StopAsync(gone);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds[..2]) && node.State.Picture!.SilentSeeds.Length == 1));

        Assert.All(_nodes, static node => Assert.DoesNotContain(node.Log.Lines, static line => line.Contains("Assoc", StringComparison.Ordinal) || line.Contains("associat", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_on_whose_port_nobody_listens_any_more_is_removed_by_the_others_without_a_wait()
    {
        await StartAsync(0);
        await StartAsync(1);
        var dead = await StartAsync(2);
        await UntilAsync(() => _nodes.All(node => node.Sees(_seeds)));

        // As the system does when a process is killed.
        await ((RemoteActorRefProvider)((ExtendedActorSystem)dead.System).Provider).Transport.Shutdown();
        await UntilAsync(() => _nodes[..2].All(node => node.Sees(_seeds[..2])));
        Assert.Contains(_nodes[..2].SelectMany(static node => node.Log.Lines), line => line.Contains($"{_seeds[2]} is dead", StringComparison.Ordinal));
        Assert.DoesNotContain(dead.Log.Lines, static line => line.Contains(" is dead", StringComparison.Ordinal));
    }

    private async Task<NodeOfCluster> StartAsync(int index)
    {
        var node = await NodeOfCluster.StartAsync(_seeds[index], _seeds);
        _nodes.Add(node);
        return node;
    }

    private async Task StopAsync(NodeOfCluster node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, () => string.Join('\n', _nodes));
}
