using System.Collections.Concurrent;
using System.Net;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A destination that was dead and is back.</summary>
public sealed class ComebackTests
{
    private const int Messages = 300;
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task It_is_probed_with_one_message_drains_without_a_herd_and_the_outage_cost_no_attempt()
    {
        var port = FreePort.Next();
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port), retry: "2s"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < Messages; i++)
        {
            (await client.SendMessageAsync("", ["u@relay.example"], Content)).MustBe(250);
        }

        var waiting = await node.SummaryAsync(static summary => summary.States.GetValueOrDefault("deferred") == Messages);
        Assert.Equal(Messages, waiting.Messages);
        var shown = await node.QueuedAsync(static _ => true);
        Assert.Equal((0, "deferred"), (shown.Recipients[0].Attempts, shown.Recipients[0].State));
        Assert.StartsWith("451 4.4.1 Cannot connect", shown.Recipients[0].LastReply, StringComparison.Ordinal);

        var open = 0;
        var taken = 0;
        var openWhenTaken = new ConcurrentQueue<int>();
        await using var hop = ScriptedServer.Start(
            async peer =>
            {
                var now = Interlocked.Increment(ref open);
                try
                {
                    await peer.AnswerAsync("250 hop.example");
                    while (true)
                    {
                        foreach (var reply in new[] { "250 2.0.0 Ok\r\n", "250 2.0.0 Ok\r\n", "354 Go\r\n" })
                        {
                            await peer.ReadLineAsync();
                            await peer.SendAsync(reply);
                        }

                        await peer.ReadBodyAsync();
                        openWhenTaken.Enqueue(now);
                        Interlocked.Increment(ref taken);
                        await peer.SendAsync("250 2.0.0 Mine\r\n");
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            },
            port);
        await node.EmptyAsync();
        Assert.Equal(Messages, taken);
        Assert.Equal(1, openWhenTaken.First()); // the probe was alone
        Assert.InRange(openWhenTaken.Max(), 2, 20);
    }
}
