using System.Net;
using Akka.Actor;
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

    [Fact]
    public async Task What_names_its_own_type_is_not_read()
    {
        var seed = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        await using var node = await NodeOfCluster.StartAsync(seed, []);
        // Akka as it comes, and no member: it sends anything as JSON that says which type it is.
        using var stranger = ActorSystem.Create("relay", """
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
            """);
        var membership = stranger.ActorSelection($"akka.tcp://relay@{seed}/user/{ActorNames.Membership}");

        await UntilAsync(
            () =>
            {
                // Again and again: what is sent while a link is being made may be lost.
                membership.Tell(new Dictionary<string, object> { ["a"] = 1 });
                return node.Log.Lines.Any(static line => line.Contains("Deserialization failed", StringComparison.Ordinal));
            },
            node);
        Assert.DoesNotContain(node.Log.Lines, static line => line.Contains("unhandled", StringComparison.OrdinalIgnoreCase));
        await stranger.Terminate();
    }

    private static Task UntilAsync(Func<bool> condition, NodeOfCluster node) => Eventually.TrueAsync(condition, node.ToString);

    private sealed record Unregistered(string Text);
}
