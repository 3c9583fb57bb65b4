using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Microsoft.Extensions.DependencyInjection;
using Relay.Actors;
using Relay.Node.Cluster;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class ClusterFailureTests
{
    [Theory]
    [InlineData("downed")]
    [InlineData("quarantined")]
    [InlineData("broken")]
    [InlineData("without " + ActorNames.Desk)]
    [InlineData("without " + ActorNames.LimitGateway)]
    [InlineData("without policy-keeper")]
    public async Task Mail_goes_on_while_the_cluster_fails_and_comes_back(string how)
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        var host = node.Services.GetRequiredService<RelaySystemHost>();
        var state = node.Services.GetRequiredService<ClusterState>();
        await Eventually.TrueAsync(() => state.Status == "up", seconds: 60);
        var first = host.Current!;
        using var enough = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 8).Select(_ => SendUntilAsync(node, enough.Token)).ToArray();

        switch (how)
        {
            case "downed":
                var cluster = Akka.Cluster.Cluster.Get(first);
                cluster.Down(cluster.SelfAddress);
                break;
            case "quarantined":
                first.EventStream.Publish(new ThisActorSystemQuarantinedEvent(
                    Akka.Cluster.Cluster.Get(first).SelfAddress, new Address("akka.tcp", "relay", "127.0.0.1", 1)));
                break;
            case { } without when without.StartsWith("without ", StringComparison.Ordinal):
                // As anyone can who speaks to the cluster's port.
                first.ActorSelection($"/user/{without["without ".Length..]}").Tell(PoisonPill.Instance);
                break;
            default:
                await first.Terminate();
                break;
        }

        await Eventually.TrueAsync(() => state.Starts >= 2 && state.Status == "up" && host.Current is not null && !ReferenceEquals(host.Current, first), seconds: 60);
        var again = Akka.Cluster.Cluster.Get(host.Current!);
        await Eventually.TrueAsync(() => again.SelfMember.Status == MemberStatus.Up, seconds: 60);
        await enough.CancelAsync();
        var sent = 0;
        foreach (var sender in senders)
        {
            sent += await sender;
        }

        Assert.True(sent > 0);
        for (var i = 0; i < sent; i++)
        {
            await mail.NextAsync();
        }
    }

    // One connection for all of a sender's mail: a connection that closes or a reply that is no 250 fails the test.
    private static async Task<int> SendUntilAsync(RunningNode node, CancellationToken enough)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var sent = 0;
        do
        {
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            sent++;
        }
        while (!enough.IsCancellationRequested);

        (await client.CommandAsync("QUIT")).MustBe(221);
        return sent;
    }
}
