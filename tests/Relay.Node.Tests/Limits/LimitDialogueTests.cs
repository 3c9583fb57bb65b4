using Microsoft.Extensions.DependencyInjection;
using Relay.Actors.Policy;
using Relay.Flood.Sink;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Limits;

/// <summary>What a client over a limit is told, by a whole node that is a cluster of one.</summary>
public sealed class LimitDialogueTests
{
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task Message_over_the_limit_is_deferred_at_mail_with_the_name()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail.Sink, """{ "name": "slow", "rate": "2/h" }""");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        var refusal = await client.CommandAsync("MAIL FROM:<a@b.example>");
        refusal.MustBe(450);
        Assert.Contains("4.7.1 Too many messages, limit slow", refusal.Text, StringComparison.Ordinal);
        // Another client of the same kind has a budget of its own.
        await using var other = await SmtpTestClient.GreetAsync(node.Smtp, from: System.Net.IPAddress.Parse("127.0.0.2"));
        (await other.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
    }

    [Fact]
    public async Task Recipients_over_the_limit_are_deferred_and_the_mail_goes_to_the_others()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail.Sink, """{ "name": "few", "key": ["client", "recipientDomain"], "unit": "recipients", "rate": "2/h" }""");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<one@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<two@relay.example>")).MustBe(250);
        var refusal = await client.CommandAsync("RCPT TO:<three@relay.example>");
        refusal.MustBe(452);
        Assert.Contains("4.5.3 Too many recipients, limit few", refusal.Text, StringComparison.Ordinal);
        (await client.CommandAsync("RCPT TO:<one@other.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
    }

    [Fact]
    public async Task Connections_over_the_limit_are_closed_before_a_greeting()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail.Sink, """{ "name": "knocks", "unit": "connections", "rate": "1/h" }""");
        await using var first = await SmtpTestClient.GreetAsync(node.Smtp);
        await using var second = await SmtpTestClient.ConnectAsync(node.Smtp);
        var refusal = await second.ReadReplyAsync();
        refusal.MustBe(421);
        Assert.Contains("4.7.0 Too many connections, limit knocks", refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_count_by_what_came_and_not_by_what_was_declared()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail.Sink, """{ "name": "bulk", "unit": "bytes", "rate": "10000/d" }""");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example> SIZE=9000")).MustBe(250);
        var refusal = await client.CommandAsync("RSET");
        refusal.MustBe(250);
        // Nothing came of the 9000 octets, so they are there again.
        var large = new byte[9500];
        Array.Fill(large, (byte)'x');
        for (var i = 78; i + 1 < large.Length; i += 80)
        {
            (large[i], large[i + 1]) = ((byte)'\r', (byte)'\n');
        }

        (large[^2], large[^1]) = ((byte)'\r', (byte)'\n');
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], large)).MustBe(250);
        var over = await client.CommandAsync("MAIL FROM:<a@b.example> SIZE=9000");
        over.MustBe(450);
        Assert.Contains("4.7.1 Too much mail, limit bulk", over.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_that_refuses_takes_nothing_of_the_others()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(
            mail.Sink,
            """{ "name": "domain", "key": ["client", "senderDomain"], "rate": "1/h" }, { "name": "client", "rate": "2/h" }""");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@one.example", ["u@relay.example"], Content)).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<a@one.example>")).MustBe(450);
        (await client.CommandAsync("MAIL FROM:<a@one.example>")).MustBe(450);
        (await client.SendMessageAsync("a@two.example", ["u@relay.example"], Content)).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<a@three.example>")).MustBe(450);
    }

    private static async Task<RunningNode> StartAsync(SmtpSink sink, string limits)
    {
        var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ { "domain": "*", "to": "smtp://{{sink.BoundEndPoint}}" } ],
              "limits": [ {{limits}} ]
            }
            """);
        await BudgetsAsync(node);
        return node;
    }

    /// <summary>Waits until the budgets can be asked: before, the node's share begins with nothing.</summary>
    private static async Task BudgetsAsync(RunningNode node)
    {
        var limits = node.Services.GetRequiredService<PolicyAgent>().Limits;
        await Eventually.TrueAsync(() => limits.Gateway is not null);
    }
}
