using System.Collections.Concurrent;
using System.Diagnostics;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A next hop that closes the connection and asks for patience, at each mail.</summary>
public sealed class TurnedAwayTests
{
    [Fact]
    public async Task It_is_left_alone_for_a_while_and_others_get_their_mail_meanwhile()
    {
        var connected = new ConcurrentQueue<TimeSpan>();
        var clock = Stopwatch.StartNew();
        await using var good = ReceivedMail.Start();
        await using var busy = ScriptedServer.Start(async peer =>
        {
            connected.Enqueue(clock.Elapsed);
            await peer.AnswerAsync("250 hop.example", "421 4.7.0 Slow down");
        });
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ { "domain": "busy.example", "to": "smtp://{{busy.EndPoint}}" }, { "domain": "*", "to": "smtp://{{good.Sink.BoundEndPoint}}" } ],
              "delivery": { "retry": "1h" }
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < 30; i++)
        {
            (await client.SendMessageAsync("a@b.example", ["u@busy.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        }

        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        await good.NextAsync();
        await Eventually.TrueAsync(() => !connected.IsEmpty && connected.Last() - connected.First() > TimeSpan.FromSeconds(4));
        // Two or three were on when it said so first, and one has come when the pause was over.
        Assert.InRange(connected.Count, 2, 8);
    }
}
