using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relay.Actors.Pressure;
using Relay.Flood.Sink;
using Relay.Node.Composition;
using Relay.Node.Pressure;
using Relay.Node.Settings;
using Relay.Node.Tests.Pressure;
using Relay.TestKit;
using Relay.TestKit.Disks;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What clients are told when the disk fails or is full, and that nothing with a 250 is lost by it.</summary>
public sealed class DiskTroubleTests
{
    private const int Megabytes = 1 << 20;

    [Fact]
    public async Task A_full_spool_answers_452_and_takes_mail_again_when_its_mail_is_gone()
    {
        Assert.True(SinkFault.TryParse("RCPT=451 4.2.1 Mailbox busy", out var busy, out _));
        var bad = ReceivedMail.Start(new SinkSettings { Faults = [busy] });
        await using var node = await RunningNode.StartAsync(
            RunningNode.PolicyTo(bad.Sink.BoundEndPoint),
            static settings => settings with { Spool = new SpoolSection { QuotaBytes = 40 * Megabytes, SenderShareBytes = 40 * Megabytes } });
        // The spool's own limit, which a burst may reach before any level of pressure begins.
        ((SetProbes)node.Services.GetRequiredService<IPressureProbes>()).Set(PressureSignals.Spool, 0);
        var accepted = new HashSet<string>();
        TestReply reply;
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            while ((reply = await OfferAsync(client, accepted.Count)).Code == 250)
            {
                accepted.Add($"n{accepted.Count}");
                Assert.InRange(accepted.Count, 1, 40);
            }

            Assert.Equal((452, "4.3.1"), (reply.Code, reply.Text[..5]));
            // The dialogue is not over: the client may say so, and leave in order.
            (await client.CommandAsync("RSET")).MustBe(250);
        }

        Assert.InRange(accepted.Count, 10, 40);
        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        for (var i = accepted.Count; i > 0; i--)
        {
            Assert.True(accepted.Remove(Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.LocalPart.ToString()));
        }

        await using var again = await SmtpTestClient.GreetAsync(node.Smtp);
        while ((reply = await OfferAsync(again, 99)).Code != 250)
        {
            Assert.True(reply.Code == 452, reply.ToString()); // until the last delivery is written down and its segment free
            (await again.CommandAsync("RSET")).MustBe(250);
        }

        Assert.Equal("n99@relay.example", Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.Text);
    }

    [Fact]
    public async Task A_failed_sync_is_a_451_and_an_unready_node_and_what_had_its_250_arrives()
    {
        var disk = new SimulatedDisk(1);
        Assert.True(SinkFault.TryParse("RCPT=451 4.2.1 Mailbox busy", out var busy, out _));
        var bad = ReceivedMail.Start(new SinkSettings { Faults = [busy] });
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(bad.Sink.BoundEndPoint), disk: disk);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["kept@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);

        disk.Before = static (operation, _) => _ = operation == "sync" ? throw new IOException("the disk is gone") : operation;
        var reply = await client.SendMessageAsync("a@b.example", ["lost@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray());
        Assert.Equal((451, "4.3.0"), (reply.Code, reply.Text[..5]));
        // The failed commit gives its segment up; the next try to open one tells whether the disk is gone.
        while ((await node.Api.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode != HttpStatusCode.ServiceUnavailable)
        {
            Assert.Equal(451, (await OfferAsync(client, 1)).Code);
        }

        // From here on nobody is asked for a body that cannot be kept.
        Assert.Equal(451, (await client.CommandAsync("MAIL FROM:<a@b.example>")).Code);

        disk.Before = null;
        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        await node.RestartAsync();
        var arrived = new List<string>();
        do
        {
            // What got the 451 is in doubt: it may be on the disk all the same, and is then delivered rather than lost.
            arrived.Add(Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.LocalPart.ToString());
        }
        while (!arrived.Contains("kept"));
        await using var again = await SmtpTestClient.GreetAsync(node.Smtp);
        (await again.SendMessageAsync("a@b.example", ["new@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
    }

    [Fact]
    public async Task An_operator_is_not_told_that_something_is_done_while_the_disk_does_not_take_it()
    {
        var disk = new SimulatedDisk(1);
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, FreePort.Next())), disk: disk);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["kept@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        disk.Before = static (operation, _) => _ = operation == "sync" ? throw new IOException("the disk is gone") : operation;
        using var refused = await node.Api.PostAsJsonAsync("/api/queue/hold", new { everything = true, reason = "a test" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        disk.Before = null;
        using var done = await node.Api.PostAsJsonAsync("/api/queue/delete", new { everything = true, reason = "a test" });
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        await node.EmptyAsync();
    }

    [Fact]
    public async Task A_defect_in_the_spool_stops_the_node_and_the_next_start_delivers()
    {
        var disk = new SimulatedDisk(1);
        Assert.True(SinkFault.TryParse("RCPT=451 4.2.1 Mailbox busy", out var busy, out _));
        var bad = ReceivedMail.Start(new SinkSettings { Faults = [busy] });
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(bad.Sink.BoundEndPoint), disk: disk);
        var stopping = new TaskCompletionSource();
        node.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("a@b.example", ["kept@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);

        disk.Before = static (operation, _) => _ = operation == "write" ? throw new InvalidOperationException("a defect") : operation;
        Assert.Equal(451, (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).Code);
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(node.Services.GetRequiredService<MailHost>().HasFailed);

        disk.Before = null;
        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        await node.RestartAsync();
        Assert.Equal("kept@relay.example", Assert.Single((await good.NextAsync()).Envelope.Recipients).Path.Text);
        Assert.False(node.Services.GetRequiredService<MailHost>().HasFailed);
    }

    [Theory]
    [InlineData(100)] // in the record of the message
    [InlineData(3 * Megabytes)] // in a part of its body, when the next hop has half of it
    public async Task A_damaged_message_is_our_trouble_and_not_the_next_hops(int length)
    {
        var disk = new SimulatedDisk(1);
        Assert.True(SinkFault.TryParse("RCPT=451 4.2.1 Mailbox busy", out var busy, out _));
        var bad = ReceivedMail.Start(new SinkSettings { Faults = [busy] });
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(bad.Sink.BoundEndPoint), disk: disk);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var content = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", length / 64)) + "the end\r\n");
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], content)).MustBe(250);
        await node.QueuedAsync(message => message.State == "deferred");

        var segment = disk.Names.Select(disk.Bytes).Single(bytes => bytes.AsSpan().IndexOf("the end"u8) >= 0);
        segment[segment.AsSpan().IndexOf("the end"u8)] ^= 1;
        await bad.DisposeAsync();
        await using var good = ReceivedMail.Start(port: bad.Sink.BoundEndPoint.Port);
        await node.QueuedAsync(message => message.Recipients[0].LastReply == "451 4.3.0 The message cannot be read from the spool");
        Assert.Equal(0, good.Sink.Counters.Messages);
        await client.CommandAsync("RSET");
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: y\r\n\r\n"u8.ToArray())).MustBe(250);
        await good.NextAsync();
    }

    private static async Task<TestReply> OfferAsync(SmtpTestClient client, int number)
    {
        var reply = await client.CommandAsync("MAIL FROM:<a@b.example>");
        if (reply.Code != 250)
        {
            return reply; // full already
        }

        (await client.CommandAsync($"RCPT TO:<n{number}@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        var line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n"u8.ToArray();
        await client.SendAsync(StuffedContent.Of(Enumerable.Repeat(line, Megabytes / line.Length).SelectMany(octets => octets).ToArray()));
        return await client.ReadReplyAsync(); // or full in the middle of it
    }
}
