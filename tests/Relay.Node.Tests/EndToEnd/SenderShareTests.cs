using System.Net;
using System.Text;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A sender's share of the spool holds whatever becomes of its mail, and is its own.</summary>
public sealed class SenderShareTests
{
    private const int Kilobytes = 1 << 10;

    [Fact]
    public async Task A_dead_destination_fills_its_senders_share_and_nobody_elses_over_a_restart_too()
    {
        var port = FreePort.Next();
        await using var node = await StartAsync(port, shareKilobytes: 512);
        var accepted = 0;
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            TestReply reply;
            while ((reply = await OfferAsync(client, "news@bulk.example")).Code == 250)
            {
                Assert.InRange(++accepted, 1, 8);
            }

            MustBeShare(reply);
            Assert.InRange(accepted, 6, 8); // of 64 KiB each, while one more is being taken
            (await OfferAsync(client, "me@others.example")).MustBe(250);
        }

        await node.RestartAsync();
        await using var again = await SmtpTestClient.GreetAsync(node.Smtp);
        MustBeShare(await OfferAsync(again, "other@bulk.example"));
        (await OfferAsync(again, "me@others.example")).MustBe(250);

        // Delivered mail gives its share back.
        await using var mail = ReceivedMail.Start(port: port);
        for (var i = 0; i < accepted + 2; i++)
        {
            await mail.NextAsync();
        }

        await node.EmptyAsync();
        (await OfferAsync(again, "news@bulk.example")).MustBe(250);
    }

    [Fact]
    public async Task A_body_that_outgrows_its_share_is_refused_at_its_end_and_leaves_nothing()
    {
        await using var node = await StartAsync(FreePort.Next(), shareKilobytes: 512);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await OfferAsync(client, "news@bulk.example")).MustBe(250);
        MustBeShare(await OfferAsync(client, "news@bulk.example", kilobytes: 2000)); // declared as nothing
        var figures = (await node.Api.GetStringAsync("/metrics")).Split('\n');
        Assert.Contains("relay_intake_refusals_total{reason=\"share\"} 1", figures);
        Assert.Contains(figures, static line => line.StartsWith("relay_intake_held_bytes", StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal));
        (await client.CommandAsync("MAIL FROM:<news@bulk.example> SIZE=600000")).MustBe(452);
        (await OfferAsync(client, "news@bulk.example")).MustBe(250);
    }

    private static Task<RunningNode> StartAsync(int port, long shareKilobytes) => RunningNode.StartAsync(
        RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port)),
        settings => settings with { Spool = settings.Spool with { SenderShareBytes = shareKilobytes * Kilobytes } });

    private static void MustBeShare(TestReply reply) => Assert.Equal("452 4.3.1 Too much mail of yours is waiting here, try again later", $"{reply.Code} {reply.Text}");

    private static async Task<TestReply> OfferAsync(SmtpTestClient client, string sender, int kilobytes = 64)
    {
        var reply = await client.CommandAsync($"MAIL FROM:<{sender}>");
        if (reply.Code != 250)
        {
            return reply;
        }

        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        var content = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", kilobytes * Kilobytes / 64)));
        await client.SendAsync(StuffedContent.Of(content));
        return await client.ReadReplyAsync();
    }
}
