using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Deliveries;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Connections to a next hop that are kept for the next mail, and turn out useless when it comes.</summary>
public sealed class KeptConnectionTests
{
    private const string Ok = NextHops.Ok;
    private const string Unasked = "";

    [Theory]
    [InlineData("MAIL", "503 5.5.1 Out of sequence")]
    [InlineData("MAIL", "354 What")]
    [InlineData("MAIL", "2x0 What")]
    [InlineData("RSET", "550 5.5.1 No")]
    [InlineData("RSET", "450 4.5.1 No")]
    [InlineData("RSET", "354 What")]
    [InlineData(Unasked, "250 2.0.0 Mine")]
    [InlineData(Unasked, "550 5.7.1 Away")]
    [InlineData(Unasked, "2x0 What")]
    public async Task It_costs_the_mail_no_attempt(string command, string reply)
    {
        var (isDone, hasSpoken, connections) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            var isFirst = Interlocked.Increment(ref connections) == 1;
            await TakeMailAsync(peer, isRefused: isFirst && command == "RSET"); // what is not carried through makes RSET necessary
            if (isFirst)
            {
                await (command == Unasked ? isDone.Task : peer.ReadLineAsync());
                await peer.SendAsync(reply + "\r\n");
                hasSpoken.SetResult();
                await peer.ReadLineAsync();
            }
        });
        await using var node = await StartAsync(hop);
        await NextHops.SendAsync(node, "u@d0.example");
        var waiting = command == "RSET" ? 1 : 0; // the failure stays to be seen
        await node.SummaryAsync(summary => summary.Messages == waiting && summary.States.GetValueOrDefault("failed") == waiting);
        isDone.SetResult();
        await (command == Unasked ? hasSpoken.Task.WaitAsync(TimeSpan.FromSeconds(60)) : Task.CompletedTask);
        await NextHops.SendAsync(node, "v@d0.example");
        // Whatever is deferred or fails does not leave the queue within this test.
        await node.SummaryAsync(summary => summary.Messages == waiting && summary.States.GetValueOrDefault("failed") == waiting);
        Assert.True(hasSpoken.Task.IsCompletedSuccessfully);
        Assert.Equal(2, hop.Connections);
    }

    [Fact]
    public async Task On_a_fresh_connection_the_same_counts()
    {
        var connections = 0;
        await using var hop = ScriptedServer.Start(async peer =>
        {
            if (Interlocked.Increment(ref connections) == 1)
            {
                await TakeMailAsync(peer, isRefused: false);
                await peer.ReadLineAsync();
                await peer.SendAsync("503 5.5.1 Out of sequence\r\n");
                await peer.ReadLineAsync();
            }

            await peer.AnswerAsync("250 hop.example", "503 5.5.1 Still out of sequence", "221 Bye");
        });
        await using var node = await StartAsync(hop);
        await NextHops.SendAsync(node, "u@d0.example");
        await node.EmptyAsync();
        await NextHops.SendAsync(node, "v@d0.example");
        var tried = await NextHops.TriedAsync(node, "v@d0.example");
        Assert.Equal(("failed", "503 5.5.1 Still out of sequence", 1), (tried.State, tried.LastReply, tried.Attempts));
        Assert.Equal(2, hop.Connections);
    }

    [Fact]
    public async Task A_refusal_of_the_mail_is_one_although_the_next_hop_leaves_behind_it()
    {
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await TakeMailAsync(peer, isRefused: false);
            await peer.ReadLineAsync();
            await peer.SendAsync("450 4.7.1 Too much mail of yours\r\n");
        });
        await using var node = await StartAsync(hop);
        await NextHops.SendAsync(node, "u@d0.example");
        await node.EmptyAsync();
        await NextHops.SendAsync(node, "v@d0.example");
        var tried = await NextHops.TriedAsync(node, "v@d0.example");
        Assert.Equal(("deferred", "450 4.7.1 Too much mail of yours", 1), (tried.State, tried.LastReply, tried.Attempts));
        Assert.Equal(1, hop.Connections);
    }

    // The connection is still kept when the second mail comes, however long that takes.
    private static Task<RunningNode> StartAsync(ScriptedServer hop) => RunningNode.StartAsync(
        NextHops.Policy("1h", ($"smtp://{hop.EndPoint}", string.Empty)),
        static settings => settings,
        replace: static services => services.Replace(ServiceDescriptor.Singleton(new DeliveryLimits { IdleTime = TimeSpan.FromMinutes(5) })));

    private static async Task TakeMailAsync(ScriptedPeer peer, bool isRefused)
    {
        if (isRefused)
        {
            await peer.AnswerAsync("250 hop.example", Ok, "550 5.1.1 No");
            return;
        }

        await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go");
        await peer.ReadBodyAsync();
        await peer.SendAsync(Ok + "\r\n");
    }
}
