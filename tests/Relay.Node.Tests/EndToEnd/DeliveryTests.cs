using System.Net;
using System.Net.Http.Json;
using Relay.Flood.Sink;
using Relay.Node.CommandLine.Api;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class DeliveryTests
{
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task A_recipient_without_a_right_is_refused_and_nothing_of_it_leaves()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ]
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        Assert.StartsWith("5.7.1 ", (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550).Text, StringComparison.Ordinal);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync(StuffedContent.Of(Content));
        (await client.ReadReplyAsync()).MustBe(250);

        var message = await mail.NextAsync();
        Assert.Equal("u@relay.example", Assert.Single(message.Envelope.Recipients).Path.Text);
    }

    [Fact]
    public async Task A_refused_message_is_retried_until_the_next_hop_takes_it()
    {
        Assert.True(SinkFault.TryParse("RCPT=451 4.2.1 Mailbox busy", out var busy, out _));
        var bad = ReceivedMail.Start(new SinkSettings { Faults = [busy] });
        await using var node = await RunningNode.StartAsync(bad.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var id = (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250).Text.Split(' ')[^1];
        var deferred = await node.QueuedAsync(message => message.State == "deferred");
        Assert.Equal(id, deferred.Id);
        var recipient = Assert.Single(deferred.Recipients);
        Assert.Equal(("Rcpt", "451 4.2.1 Mailbox busy"), (recipient.LastStage, recipient.LastReply));

        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        Assert.Equal("u@relay.example", Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.Text);
    }

    [Fact]
    public async Task What_is_queued_survives_a_restart_with_its_attempts()
    {
        Assert.True(SinkFault.TryParse("DOT=452 4.3.1 full", out var full, out _));
        await using var bad = ReceivedMail.Start(new SinkSettings { Faults = [full] });
        await using var node = await RunningNode.StartAsync(bad.Sink, retry: "1h");
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        }

        var before = await node.QueuedAsync(message => message.State == "deferred");
        await node.RestartAsync();
        var after = await node.QueuedAsync(message => message.State == "deferred");
        Assert.Equal(before.Id, after.Id);
        Assert.Equal(Assert.Single(before.Recipients), Assert.Single(after.Recipients));
        Assert.Equal(1, after.Recipients[0].Attempts);
    }

    [Fact]
    public async Task A_permanent_failure_of_which_nobody_may_be_told_stays_to_be_seen()
    {
        Assert.True(SinkFault.TryParse("RCPT=550 5.1.1 No such user", out var unknown, out _));
        await using var bad = ReceivedMail.Start(new SinkSettings { Faults = [unknown] });
        await using var node = await RunningNode.StartAsync(bad.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var id = (await client.SendMessageAsync("", ["u@relay.example"], Content)).MustBe(250).Text.Split(' ')[^1];
        var failed = await node.QueuedAsync(message => message.State == "failed");
        Assert.Equal(id, failed.Id);
        var shown = await node.Api.GetFromJsonAsync<QueuedMessage>($"/api/queue/{id}");
        Assert.Equal("550 5.1.1 No such user", Assert.Single(shown!.Recipients).LastReply);
        Assert.Equal(0, bad.Sink.Counters.Messages);
    }

    [Fact]
    public async Task A_message_to_many_recipients_arrives_for_each_of_them()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var recipients = Enumerable.Range(0, 1000).Select(i => $"u{i}@relay.example").ToArray();
        (await client.SendMessageAsync("a@b.example", recipients, Content)).MustBe(250);
        var got = new List<string>();
        while (got.Count < recipients.Length)
        {
            var transaction = (await mail.NextAsync()).Envelope.Recipients;
            Assert.InRange(transaction.Count, 1, 100); // what every server must take
            got.AddRange(transaction.Select(r => r.Path.Text));
        }

        Assert.Equal(recipients.Order(StringComparer.Ordinal), got.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_disconnect_behind_the_final_dot_means_once_more_and_never_less()
    {
        var bad = ReceivedMail.Start(new SinkSettings { DropAt = SinkPlace.AfterDot });
        await using var node = await RunningNode.StartAsync(bad.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Content)).MustBe(250);
        await bad.NextAsync();
        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        Assert.Equal(Content, ReceivedMail.Split(await good.NextAsync()).Original);
    }

    [Fact]
    public async Task The_API_is_closed_without_the_token()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        using var stranger = new HttpClient { BaseAddress = node.Api.BaseAddress };
        foreach (var path in new[] { "/api/queue", "/api/queue/x", "/api/policy/explain?client=127.0.0.1", "/api/nothing" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }

        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }
    }
}
