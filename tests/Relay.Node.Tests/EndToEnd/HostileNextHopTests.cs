using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Relay.Flood.Sink;
using Relay.Node.CommandLine.Api;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Next hops that do what no server should: the message stays, the cause is shown, and others get their mail.</summary>
public sealed class HostileNextHopTests
{
    private const string Ok = "250 2.0.0 Ok";
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    private static readonly Dictionary<string, (Func<ScriptedPeer, Task> Script, string State, string Reply)> Hops = new()
    {
        ["greets with a refusal"] = (peer => peer.SendAsync("554 5.7.1 Go away\r\n"), "deferred", "554 5.7.1 Go away"),
        ["refuses EHLO and leaves"] = (peer => peer.AnswerAsync("550 5.7.1 Not you"), "deferred", "550 5.7.1 Not you"),
        ["speaks another protocol"] = (peer => peer.SendAsync("SSH-2.0-OpenSSH_9.2\r\n"), "deferred", ""),
        ["never ends its greeting"] = (EndlessGreetingAsync, "deferred", ""),
        ["never ends a line"] = (peer => peer.SendAsync("220 " + new string('x', 1 << 20)), "deferred", ""),
        ["answers with no known code"] = (peer => peer.AnswerAsync("999 What"), "deferred", ""),
        ["closes at once"] = (_ => Task.CompletedTask, "deferred", ""),
        ["closes after EHLO"] = (peer => peer.AnswerAsync("250 hop.example"), "deferred", ""),
        ["closes after RCPT"] = (peer => peer.AnswerAsync("250 hop.example", Ok, Ok), "deferred", ""),
        ["takes DATA for done"] = (peer => peer.AnswerAsync("250 hop.example", Ok, Ok, Ok), "deferred", ""),
        ["resets in the middle of the body"] = (ResetAfterDataAsync, "deferred", ""),
        ["closes behind the final dot"] = (peer => AfterBodyAsync(peer, ""), "deferred", ""),
        ["closes in the middle of its last reply"] = (peer => AfterBodyAsync(peer, "250 2.0.0 O"), "deferred", ""),
        ["answers before it was asked"] = (EarlyReplyAsync, "deferred", ""),
        ["leaves with 421"] = (peer => peer.AnswerAsync("250 hop.example", "421 4.3.2 Shutting down"), "deferred", "421 4.3.2 Shutting down"),
        ["is full"] = (peer => peer.AnswerAsync("250 hop.example", "452 4.3.1 Full"), "deferred", "452 4.3.1 Full"),
        ["refuses the size"] = (peer => peer.AnswerAsync("250 hop.example", "552 5.3.4 Too big", "221 Bye"), "failed", "552 5.3.4 Too big"),
        ["refuses the recipient"] = (peer => peer.AnswerAsync("250 hop.example", Ok, "550 5.1.1 No", "221 Bye"), "failed", "550 5.1.1 No"),
        ["refuses the content"] = (peer => AfterBodyAsync(peer, "554 5.6.0 Spam\r\n"), "failed", "554 5.6.0 Spam"),
    };

    [Fact]
    public async Task Each_trouble_is_named_and_the_others_get_their_mail()
    {
        await using var good = ReceivedMail.Start();
        var servers = Hops.Values.Select(hop => ScriptedServer.Start(hop.Script)).ToArray();
        var routes = servers.Select((server, i) => $$"""{ "domain": "d{{i}}.example", "to": "smtp://{{server.EndPoint}}" }""");
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ {{string.Join(", ", routes)}}, { "domain": "*", "to": "smtp://{{good.Sink.BoundEndPoint}}" } ],
              "delivery": { "retry": "1h" }
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var i = 0;
        foreach (var (name, hop) in Hops)
        {
            var address = $"u@d{i++}.example";
            (await client.SendMessageAsync("", [address, "other@relay.example"], Content)).MustBe(250);
            // Whoever shares a message with a bad next hop gets it.
            Assert.Equal("other@relay.example", Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.Text);
            var queued = await node.QueuedAsync(message => Of(message, address) is { LastReply: not null, State: not "active" });
            var recipient = Of(queued, address)!;
            Assert.True(recipient.State == hop.State, $"{name}: {recipient.State}, {recipient.LastReply}");
            Assert.StartsWith(hop.Reply, recipient.LastReply, StringComparison.Ordinal);
            Assert.NotEmpty(recipient.LastReply!);
        }

        foreach (var server in servers)
        {
            Assert.True(server.Connections > 0);
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_a_next_hop_took_is_never_sent_again_when_it_then_misbehaves()
    {
        var bodies = 0;
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250 hop.example", Ok, Ok, "450 4.2.1 Later", "550 5.1.1 No", "354 Go");
            await peer.ReadBodyAsync();
            Interlocked.Increment(ref bodies);
            await peer.SendAsync("250 2.0.0 Mine\r\n250 Twice\r\n");
            peer.Reset();
        });
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(hop.EndPoint, retry: "1h"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        string[] recipients = ["taken@relay.example", "later@relay.example", "never@relay.example"];
        (await client.SendMessageAsync("", recipients, Content)).MustBe(250);
        var queued = await node.QueuedAsync(message => message.Recipients.Count(recipient => recipient.Attempts > 0) == 3
            || (message.Recipients.Count == 2 && message.Recipients.All(recipient => recipient.Attempts > 0)));
        Assert.Equal("deferred", Of(queued, "later@relay.example")!.State);
        Assert.Equal("failed", Of(queued, "never@relay.example")!.State);
        Assert.True(Of(queued, "taken@relay.example") is null or { State: "delivered" });
        await node.RestartAsync();
        queued = await node.QueuedAsync(message => Of(message, "later@relay.example") is { State: "deferred" });
        Assert.True(Of(queued, "taken@relay.example") is null or { State: "delivered" });
        Assert.Equal(1, bodies);
    }

    [Fact]
    public async Task A_silent_next_hop_holds_up_nobody_else()
    {
        await using var good = ReceivedMail.Start();
        await using var silent = ScriptedServer.Start(async peer => await peer.ReadLineAsync());
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ { "domain": "silent.example", "to": "smtp://{{silent.EndPoint}}" }, { "domain": "*", "to": "smtp://{{good.Sink.BoundEndPoint}}" } ]
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < 50; i++)
        {
            (await client.SendMessageAsync("a@b.example", ["u@silent.example"], Content)).MustBe(250);
        }

        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        Assert.Equal(Content, ReceivedMail.Split(await good.NextAsync()).Original);
        Assert.Equal(1, silent.Connections); // one waits for all
        await silent.DisposeAsync(); // else the node's stop waits for its greeting
    }

    [Theory]
    [InlineData("")]
    [InlineData("421 4.7.0 Enough for one connection\r\n")]
    public async Task A_connection_that_is_done_with_after_one_mail_costs_no_attempt(string farewell)
    {
        var taken = new ConcurrentBag<string>();
        var all = new TaskCompletionSource();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go");
            taken.Add(await peer.ReadBodyAsync());
            await peer.SendAsync("250 2.0.0 Mine\r\n");
            if (taken.Count == 30)
            {
                all.TrySetResult();
            }

            if (farewell.Length > 0)
            {
                await peer.ReadLineAsync();
                await peer.SendAsync(farewell);
            }
        });
        // Whatever is deferred once does not come within this test.
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(hop.EndPoint, retry: "1h"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < 30; i++)
        {
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Encoding.ASCII.GetBytes($"Subject: n{i}\r\n\r\n"))).MustBe(250);
        }

        await all.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(30, taken.Select(body => body[body.IndexOf("Subject", StringComparison.Ordinal)..]).Distinct().Count());
    }

    [Fact]
    public async Task Recipients_that_are_too_many_for_one_transaction_go_with_the_next()
    {
        await using var mail = ReceivedMail.Start(new SinkSettings { RecipientsMax = 30 });
        await using var node = await RunningNode.StartAsync(mail.Sink, retry: "1h");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var recipients = Enumerable.Range(0, 250).Select(i => $"u{i}@relay.example").ToArray();
        (await client.SendMessageAsync("a@b.example", recipients, Content)).MustBe(250);
        var got = new List<string>();
        while (got.Count < recipients.Length)
        {
            got.AddRange((await mail.NextAsync()).Envelope.Recipients.Select(recipient => recipient.Path.Text));
        }

        Assert.Equal(recipients.Order(StringComparer.Ordinal), got.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("250-hop.example\r\n250 PIPELINING")]
    [InlineData("250-hop.example\r\n250-CHUNKING\r\n250 PIPELINING")]
    public async Task Of_many_recipients_each_has_the_reply_that_was_given_to_it(string hello)
    {
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync(hello);
            while (true)
            {
                var line = await peer.ReadLineAsync();
                if (line == "DATA")
                {
                    await peer.SendAsync("354 Go\r\n");
                    await peer.ReadBodyAsync();
                }
                else if (line.StartsWith("BDAT ", StringComparison.Ordinal))
                {
                    await peer.ReadOctetsAsync(int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
                }

                await peer.SendAsync(line.StartsWith("RCPT", StringComparison.Ordinal) ? $"{CodeFor(line)} {line["RCPT TO:<".Length..^1]}\r\n" : Ok + "\r\n");
            }
        });
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(hop.EndPoint, retry: "1h"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var recipients = Enumerable.Range(0, 250).Select(i => $"{(i * 7 % 10) switch { < 5 => "ok", < 8 => "later", _ => "never" }}{i}@relay.example").ToArray();
        (await client.SendMessageAsync("", recipients, Content)).MustBe(250);
        var queued = await node.QueuedAsync(message => message.Recipients.All(recipient => recipient.Attempts == 1));
        Assert.Equal(recipients, queued.Recipients.Select(recipient => recipient.Address));
        Assert.All(queued.Recipients, recipient =>
        {
            var code = CodeFor(recipient.Address);
            Assert.Equal(code switch { 250 => "delivered", 450 => "deferred", _ => "failed" }, recipient.State);
            Assert.StartsWith(code == 250 ? Ok : $"{code} ", recipient.LastReply, StringComparison.Ordinal);
            Assert.True(code == 250 || recipient.LastReply == $"{code} {recipient.Address}", recipient.LastReply);
        });

        static int CodeFor(string text) =>
            text.Contains("ok", StringComparison.Ordinal) ? 250 : text.Contains("later", StringComparison.Ordinal) ? 450 : 550;
    }

    private static QueuedRecipient? Of(QueuedMessage message, string address) =>
        message.Recipients.FirstOrDefault(recipient => recipient.Address == address);

    private static async Task EndlessGreetingAsync(ScriptedPeer peer)
    {
        while (true)
        {
            await peer.SendAsync("220-and so on\r\n");
        }
    }

    private static async Task ResetAfterDataAsync(ScriptedPeer peer)
    {
        await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go");
        peer.Reset();
    }

    private static async Task AfterBodyAsync(ScriptedPeer peer, string reply)
    {
        await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go");
        await peer.ReadBodyAsync();
        await peer.SendAsync(reply);
    }

    // A "250" that stands there before the final dot was sent is no answer to it.
    private static async Task EarlyReplyAsync(ScriptedPeer peer)
    {
        await peer.AnswerAsync("250 hop.example", Ok, Ok, "354 Go\r\n250 2.0.0 Early");
        await peer.ReadBodyAsync();
    }
}
