using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Intake;
using Relay.Node.Listeners;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class SlowClientTests
{
    private static readonly ConnectionTimes Short = new()
    {
        Command = TimeSpan.FromSeconds(2), // the first commands of a cold program take a while
        BodyGrace = TimeSpan.FromMilliseconds(300),
        BodyRateMin = 1_000_000,
        Write = TimeSpan.FromMilliseconds(300),
        Sweep = TimeSpan.FromMilliseconds(50),
    };

    [Fact]
    public async Task A_client_that_says_nothing_is_told_421_and_closed()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        Assert.StartsWith("4.4.2 ", (await client.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Idle_clients_make_room_in_seconds_when_they_have_all_connections()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync("""{ "acceptedDomains": ["relay.example"], "connections": { "total": 2 } }""");
        await using var first = await SmtpTestClient.GreetAsync(node.Smtp);
        await using var second = await SmtpTestClient.GreetAsync(node.Smtp);
        await using (var third = await SmtpTestClient.ConnectAsync(node.Smtp))
        {
            (await third.ReadReplyAsync()).MustBe(421);
        }

        Assert.StartsWith("4.4.2 ", (await first.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.Empty(await first.ReadToEndAsync());
        // A client sees its end a moment before the node has counted it out.
        await Eventually.TrueAsync(async () =>
        {
            await using var fourth = await SmtpTestClient.ConnectAsync(node.Smtp);
            return (await fourth.ReadReplyAsync()).Code == 220;
        });
    }

    [Fact]
    public async Task A_client_that_drips_a_command_wins_no_time()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var reply = client.ReadReplyAsync();
        try
        {
            while (!reply.IsCompleted)
            {
                await client.SendAsync("N");
                await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(20)));
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The node has closed while the drip went on.
        }

        (await reply).MustBe(421);
    }

    [Fact]
    public async Task A_body_that_drips_is_cut_and_leaves_nothing()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync("Subject: slow\r\n\r\n");
        Assert.StartsWith("4.4.2 ", (await client.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.Contains("\"total\":0", await node.Api.GetStringAsync("/api/queue"), StringComparison.Ordinal);
        Assert.Equal(0, mail.Sink.Counters.Messages);
    }

    [Fact]
    public async Task Between_two_chunks_a_client_has_the_time_of_a_command_and_no_more()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short with { BodyGrace = TimeSpan.FromMinutes(5) });
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("BDAT 4\r\nabcd")).MustBe(250); // the line end that follows begins an empty command
        (await client.ReadReplyAsync()).MustBe(500);
        Assert.StartsWith("4.4.2 ", (await client.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_in_chunks_wins_no_time_between_them()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short with { Command = TimeSpan.FromMinutes(5) });
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        await client.SendAsync("BDAT 6\r\na: b\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        Assert.StartsWith("4.4.2 ", (await client.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_mail_gives_way_to_one_that_waits_for_room()
    {
        const string Policy = """{ "acceptedDomains": ["relay.example"], "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:9" } ] }""";
        var atOnce = new IntakeLimits { MakeWayAfter = TimeSpan.Zero, GiveWayAfter = TimeSpan.Zero, GiveWayTime = TimeSpan.FromMilliseconds(1) };
        await using var node = await RunningNode.StartAsync(
            Policy,
            static settings => settings,
            new ConnectionTimes { Sweep = TimeSpan.FromMilliseconds(50) },
            services => services.Replace(ServiceDescriptor.Singleton(atOnce)));
        await using var slow = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Parse("127.0.1.1"));
        (await slow.CommandAsync("MAIL FROM:<a@b.example> SIZE=35000000")).MustBe(250);
        (await slow.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await slow.CommandAsync("DATA")).MustBe(354);
        await slow.SendAsync("Subject: slow\r\n\r\n");

        await using var other = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Parse("127.0.2.1"));
        var waits = other.CommandAsync("MAIL FROM:<c@d.example> SIZE=35000000");
        Assert.StartsWith("4.4.5 ", (await slow.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        (await waits).MustBe(250);
        Assert.Contains("relay_intake_given_way_total 1", (await node.Api.GetStringAsync("/metrics")).Replace("{}", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_takes_no_replies_is_cut()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink, times: Short with { Command = TimeSpan.FromMinutes(5) });
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var flood = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("VRFY someone@relay.example\r\n", 1000)));
        // Sending ends with an exception once the node has cut the connection: it does not take commands for ever.
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(async () =>
        {
            while (true)
            {
                await client.SendAsync(flood);
            }
        });
    }
}
