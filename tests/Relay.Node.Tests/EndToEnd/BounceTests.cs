using MimeKit;
using Relay.Actors.Bounces;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What cannot be delivered comes back to its sender, once, and a bounce never does.</summary>
public sealed class BounceTests
{
    private static readonly byte[] Content = "Subject: hello\r\nMessage-ID: <1@b.example>\r\n\r\ntext\r\n"u8.ToArray();

    [Fact]
    public async Task The_sender_is_told_once_and_the_message_is_gone()
    {
        await using var senders = ReceivedMail.Start();
        await using var refusing = Refusing("RCPT=550 5.1.1 No such user here");
        await using var node = await RunningNode.StartAsync(Policy(refusing, senders));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("me@senders.example", ["u@bad.example", "v@bad.example"], Content)).MustBe(250);

        var bounce = await senders.NextAsync();
        Assert.Equal("", bounce.Envelope.Sender.Text);
        Assert.Equal("me@senders.example", Assert.Single(bounce.Envelope.Recipients).Path.Text);
        using var parsed = await MimeMessage.LoadAsync(new MemoryStream(bounce.Content.ToArray()));
        var report = Assert.IsType<MultipartReport>(parsed.Body);
        var status = report.OfType<MessageDeliveryStatus>().Single();
        Assert.Equal("dns; mx.relay.example", status.StatusGroups[0]["Reporting-MTA"]);
        Assert.Equal(["rfc822; u@bad.example", "rfc822; v@bad.example"], status.StatusGroups.Skip(1).Select(static group => group["Final-Recipient"]));
        Assert.All(status.StatusGroups.Skip(1), static group =>
        {
            Assert.Equal("failed", group["Action"]);
            Assert.Equal("5.1.1", group["Status"]);
            Assert.Equal("smtp; 550 5.1.1 No such user here", group["Diagnostic-Code"]);
        });
        Assert.Equal("hello", report.OfType<MessagePart>().Single().Message!.Subject);
        await node.EmptyAsync();
        Assert.Equal(1, senders.Sink.Counters.Messages);
    }

    [Fact]
    public async Task A_bounce_that_cannot_be_delivered_is_recorded_and_makes_no_other()
    {
        await using var refusing = Refusing("RCPT=550 5.1.1 No such user here");
        await using var node = await RunningNode.StartAsync(Policy(refusing, refusing));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("forged@senders.example", ["u@bad.example"], Content)).MustBe(250);
        var kept = await node.QueuedAsync(static message => message.State == "failed");
        Assert.Equal(("", "forged@senders.example"), (kept.Sender, Assert.Single(kept.Recipients).Address));
    }

    [Fact]
    public async Task A_bounce_survives_a_restart_and_is_not_made_twice()
    {
        await using var refusing = Refusing("RCPT=550 5.1.1 No such user here");
        await using var node = await RunningNode.StartAsync(Policy(refusing, Refusing("MAIL=451 4.3.0 Later")));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("me@senders.example", ["u@bad.example"], Content)).MustBe(250);
        var bounce = await node.QueuedAsync(static message => message is { Sender: "", State: "deferred" });
        await node.RestartAsync();
        Assert.Equal(bounce.Id, (await node.QueuedAsync(static _ => true)).Id);
    }

    [Fact]
    public async Task Ten_thousand_forged_messages_bring_their_victim_a_handful_of_bounces_and_the_rest_waits()
    {
        const int Forged = 10_000;
        const int Connections = 8;
        await using var victims = ReceivedMail.Start();
        await using var refusing = Refusing("RCPT=550 5.1.1 No such user here");
        await using var node = await RunningNode.StartAsync(Policy(refusing, victims));
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async connection =>
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            for (var i = connection; i < Forged; i += Connections)
            {
                (await client.SendMessageAsync("victim@senders.example", [$"u{i}@bad.example"], Content)).MustBe(250);
            }
        }));
        // All have been refused: each waits for its turn to be reported, none is lost.
        var waiting = await node.SummaryAsync(summary => summary.States.GetValueOrDefault("bouncing") + victims.Sink.Counters.Messages == Forged);
        var limits = new BounceLimits();
        Assert.InRange(victims.Sink.Counters.Messages, limits.SenderBurst, limits.SenderBurst + (2 * limits.PerSender / 60));
        Assert.Equal(Forged - victims.Sink.Counters.Messages, waiting.Messages);
    }

    private static ReceivedMail Refusing(string fault)
    {
        Assert.True(SinkFault.TryParse(fault, out var parsed, out _));
        return ReceivedMail.Start(new SinkSettings { Faults = [parsed] });
    }

    private static string Policy(ReceivedMail bad, ReceivedMail senders) =>
        $$"""
        {
          "relay": { "networks": ["127.0.0.0/8"] },
          "routes": [ { "domain": "bad.example", "to": "smtp://{{bad.Sink.BoundEndPoint}}" }, { "domain": "senders.example", "to": "smtp://{{senders.Sink.BoundEndPoint}}" } ],
          "delivery": { "retry": "1h" }
        }
        """;
}
