using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Next hops that speak LMTP, and next hops that take chunks.</summary>
public sealed class LmtpAndChunkTests
{
    private const string Ok = NextHops.Ok;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_recipient_of_an_LMTP_server_has_its_own_fate_and_is_never_sent_twice(bool leavesEarly)
    {
        var taken = new ConcurrentQueue<string>();
        var attempts = 0;
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.SendAsync("220 mx.relay.example LMTP\r\n");
            Assert.StartsWith("LHLO ", await peer.ReadLineAsync(), StringComparison.Ordinal);
            await peer.SendAsync("250-mx.relay.example\r\n250 PIPELINING\r\n");
            var accepted = new List<string>();
            while (true)
            {
                var line = await peer.ReadLineAsync();
                if (line == "DATA")
                {
                    break;
                }

                var isUnknown = line.Contains("unknown", StringComparison.Ordinal);
                await peer.SendAsync(isUnknown ? "550 5.1.1 No\r\n" : Ok + "\r\n");
                if (line.StartsWith("RCPT", StringComparison.Ordinal) && !isUnknown)
                {
                    accepted.Add(line["RCPT TO:<".Length..line.IndexOf('@', StringComparison.Ordinal)]);
                }
            }

            await peer.SendAsync("354 Go\r\n");
            await peer.ReadBodyAsync();
            var isFirst = Interlocked.Increment(ref attempts) == 1;
            foreach (var recipient in accepted)
            {
                var reply = (isFirst, recipient) switch
                {
                    (true, "later") => "452 4.2.2 Full",
                    (true, "never") when leavesEarly => null,
                    (true, "never") => "552 5.2.2 Full for good",
                    _ => $"250 2.1.5 {recipient}",
                };
                if (reply is null)
                {
                    return;
                }

                if (reply[0] == '2')
                {
                    taken.Enqueue(recipient);
                }

                await peer.SendAsync(reply + "\r\n");
            }
        });
        // Whoever is deferred at first comes again, and is taken then.
        await using var node = await RunningNode.StartAsync(NextHops.Policy("1s", ($"lmtp://{hop.EndPoint}", "")));
        await NextHops.SendAsync(node, "taken@d0.example", "unknown@d0.example", "later@d0.example", "never@d0.example");
        var message = await node.QueuedAsync(message => message.Recipients.All(r => r.State is "delivered" or "failed"));
        Assert.Equal(["550 5.1.1 No"], message.Recipients.Where(r => r.Address == "unknown@d0.example").Select(r => r.LastReply));
        Assert.Equal(leavesEarly, taken.Contains("never"));
        if (!leavesEarly)
        {
            Assert.Equal("552 5.2.2 Full for good", message.Recipients.Single(r => r.Address == "never@d0.example").LastReply);
        }

        Assert.Single(taken, "taken");
        Assert.Single(taken, "later");
        Assert.DoesNotContain("unknown", taken);
    }

    [Fact]
    public async Task A_next_hop_that_takes_chunks_gets_the_octets_as_they_are()
    {
        var content = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(".\r\n..a\r\n.b\r\n", 50_000)));
        var chunks = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250-PIPELINING\r\n250 CHUNKING", Ok, "550 5.1.1 No", Ok);
            chunks.Enqueue(await peer.ReadOctetsAsync(await SizeAsync(peer)));
            await peer.SendAsync(Ok + "\r\n");
            chunks.Enqueue(await peer.ReadLineAsync());
        });
        await using var node = await RunningNode.StartAsync(NextHops.Policy("1h", ($"smtp://{hop.EndPoint}", "")));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("", ["no@d0.example", "u@d0.example"], content)).MustBe(250);
        await node.QueuedAsync(message => message.Recipients.Any(r => r.State == "failed") && message.Recipients.All(r => r.State is "failed" or "delivered"));
        Assert.True(chunks.TryDequeue(out var chunk));
        Assert.EndsWith("\r\n" + Encoding.ASCII.GetString(content), chunk, StringComparison.Ordinal);
        string? next = null;
        await Eventually.TrueAsync(() => chunks.TryDequeue(out next), seconds: 60);

        Assert.Equal("QUIT", next); // nothing of the chunk was left over
    }

    [Theory]
    [InlineData("552 5.3.4 Too big", false, "failed")]
    [InlineData("552 5.3.4 Too big", true, "failed")]
    [InlineData("452 4.3.1 Full", true, "deferred")]
    [InlineData("250 2.0.0 Early", true, "deferred")]
    public async Task An_answer_in_the_middle_of_a_body_ends_it(string reply, bool closes, string state)
    {
        // More than the buffers of both sockets hold, so that the sender is still at it.
        var content = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 300_000)));
        var first = 0;
        await using var hop = ScriptedServer.Start(async peer =>
        {
            if (Interlocked.Increment(ref first) % 2 == 1)
            {
                await peer.AnswerAsync("250-hop.example\r\n250 CHUNKING", Ok, Ok);
                await SizeAsync(peer);
            }
            else
            {
                await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go");
            }

            await peer.ReadOctetsAsync(100_000);
            await peer.SendAsync(reply + "\r\n");
            if (!closes)
            {
                await peer.ReadBodyAsync(); // and waits for what does not come
            }
        });
        await using var node = await RunningNode.StartAsync(NextHops.Policy("1h", ($"smtp://{hop.EndPoint}", "")));
        for (var i = 0; i < 2; i++)
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            (await client.SendMessageAsync("", [$"u{i}@d0.example"], content)).MustBe(250);
            var tried = await NextHops.TriedAsync(node, $"u{i}@d0.example");
            Assert.Equal(state, tried.State);
            Assert.StartsWith(state == "deferred" && reply[0] == '2' ? "451 4.5.0" : reply, tried.LastReply, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("500 5.5.1 What?", 1)]
    [InlineData("502 5.5.1 Not here", 1)]
    [InlineData("503 5.5.1 Bad sequence", 300_000)] // said before the end of the chunk
    public async Task Mail_goes_at_once_behind_DATA_where_BDAT_is_offered_and_not_understood(string reply, int lines)
    {
        var content = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", lines)));
        var connections = 0;
        var taken = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250 CHUNKING", Ok, Ok);
            if (Interlocked.Increment(ref connections) == 1)
            {
                await SizeAsync(peer);
                await peer.SendAsync(reply + "\r\n");
                await peer.ReadBodyAsync(); // which does not end: we leave
                return;
            }

            Assert.Equal("DATA", await peer.ReadLineAsync());
            await peer.SendAsync("354 Go\r\n");
            var body = await peer.ReadBodyAsync();
            await peer.SendAsync(Ok + "\r\n");
            taken.SetResult(body.Length);
        });
        await using var node = await RunningNode.StartAsync(NextHops.Policy("1h", ($"smtp://{hop.EndPoint}", "")));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["u@d0.example"], content)).MustBe(250);
        Assert.True(await taken.Task.WaitAsync(TimeSpan.FromSeconds(60)) >= content.Length);
        await node.EmptyAsync();
        Assert.Equal(2, connections);
    }

    private static async Task<int> SizeAsync(ScriptedPeer peer)
    {
        var words = (await peer.ReadLineAsync()).Split(' ');
        Assert.Equal(("BDAT", "LAST"), (words[0], words[2]));
        return int.Parse(words[1], CultureInfo.InvariantCulture);
    }
}
