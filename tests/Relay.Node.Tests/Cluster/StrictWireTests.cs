using System.Net;
using Relay.Actors;
using Relay.TestKit;

namespace Relay.Node.Tests.Cluster;

public sealed class StrictWireTests
{
    [Fact]
    public async Task What_has_no_wire_type_is_refused_and_logged_and_the_link_stays()
    {
        IPEndPoint[] seeds = [.. Enumerable.Range(0, 2).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
        var told = 0L;
        await using var first = await NodeOfCluster.StartAsync(seeds[0], seeds, figures: () => new(Interlocked.Increment(ref told), 0, 0, 0));
        await using var second = await NodeOfCluster.StartAsync(seeds[1], seeds);
        await UntilAsync(() => first.Sees(seeds) && second.Sees(seeds), first);

        first.System.ActorSelection($"akka.tcp://relay@{seeds[1]}/user/{ActorNames.Membership}").Tell(new Unregistered("secret"));

        await UntilAsync(() => first.Log.Lines.Any(static line => line.Contains(nameof(Unregistered), StringComparison.Ordinal)), first);
        var after = Volatile.Read(ref told);
        await UntilAsync(() => second.State.Picture!.Members.Any(member => member.Report?.PolicyVersion > after + 2), second);
        Assert.True(second.Sees(seeds));
        Assert.Equal(1, first.State.Starts + second.State.Starts - 1);
    }

    private static Task UntilAsync(Func<bool> condition, NodeOfCluster node) => Eventually.TrueAsync(condition, node.ToString);

    private sealed record Unregistered(string Text);
}
