using System.Text;
using Relay.TestKit.Smtp;
using static Relay.Node.Tests.Probes.ProbeWorld;

namespace Relay.Node.Tests.Probes;

/// <summary>Parameters, headers, the order of commands and claims of trust: none makes a recipient, and none gives a right.</summary>
public sealed class SessionTricksTests
{
    [Fact]
    public async Task A_name_in_EHLO_gives_no_right()
    {
        await using var world = await StartAsync();
        foreach (var name in (string[])["localhost", "mx.relay.example", "[127.0.0.8]", "[127.0.0.1]", "trusted.internal.example"])
        {
            await using var client = await world.GreetAsync(Stranger, name);
            await MustRefuseAsync(client);
            (await client.CommandAsync("HELO " + name)).MustBe(250);
            await MustRefuseAsync(client);
        }

        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task A_PROXY_header_where_none_is_expected_ends_the_connection()
    {
        await using var world = await StartAsync();
        await using var client = await SmtpTestClient.ConnectAsync(world.Node.Smtp, Stranger);
        (await client.ReadReplyAsync()).MustBe(220);
        (await client.CommandAsync("PROXY TCP4 127.0.0.8 127.0.0.1 1 25")).MustBe(500);
        Assert.Equal("", await client.ReadToEndAsync());

        await using var binary = await SmtpTestClient.ConnectAsync(world.Node.Smtp, Stranger);
        (await binary.ReadReplyAsync()).MustBe(220);
        await binary.SendAsync("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x08\x7f\0\0\x01\0\x01\0\x19"u8.ToArray());
        Assert.InRange((await binary.ReadReplyAsync()).Code, 421, 559);
        Assert.DoesNotContain("250", await binary.ReadToEndAsync(), StringComparison.Ordinal);
        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task A_command_that_would_change_who_is_talked_to_is_not_there()
    {
        await using var world = await StartAsync();
        foreach (var command in (string[])
        [
            "XCLIENT ADDR=127.0.0.8 LOGIN=admin", "XFORWARD ADDR=127.0.0.8 NAME=trusted.internal.example", "AUTH PLAIN AGFkbWluAGFkbWlu",
            "TURN", "ETRN victim.example", "ATRN victim.example", "EXPN staff", "SEND FROM:<a@b.example>", "SOML FROM:<a@b.example>", "STARTTLS",
        ])
        {
            await using var client = await world.GreetAsync(Stranger);
            var reply = await client.CommandAsync(command);
            Assert.True(reply.Code is 500 or 502 or 503 or 550, $"{command}: {reply}");
            await MustRefuseAsync(client);
        }

        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task VRFY_says_the_same_of_everybody_and_EXPN_ETRN_and_TURN_say_nothing()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        foreach (var (verb, code) in new[] { ("VRFY", 252), ("EXPN", 502), ("ETRN", 502) })
        {
            var replies = new HashSet<string>();
            foreach (var who in (string[])["postmaster", "u@relay.example", "nobody@relay.example", "n@victim.example", "relay.example"])
            {
                replies.Add((await client.CommandAsync($"{verb} {who}")).MustBe(code).ToString());
            }

            Assert.Single(replies);
        }

        (await client.CommandAsync("TURN")).MustBe(502);
    }

    [Fact]
    public async Task An_AUTH_parameter_is_no_identity()
    {
        await using var world = await StartAsync();
        foreach (var mail in (string[])["<a@b.example> AUTH=admin@internal.example", "<a@b.example> AUTH=<>"])
        {
            var result = await world.ProbeAsync(Stranger, mail, "<n@victim.example>");
            Assert.True(result is { Recipient.Code: >= 500, Message: null }, result.ToString());
        }

        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task Recipients_in_headers_are_text()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        var fields = string.Concat(((string[])
        [
            "To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc", "Apparently-To", "Errors-To", "Return-Receipt-To",
            "Disposition-Notification-To", "X-Envelope-To", "Envelope-To", "Delivered-To", "X-Original-To", "Return-Path", "Sender", "Reply-To",
        ]).Select(field => $"{field}: <n@victim.example>\r\n"));
        (await client.SendMessageAsync("a@relay.example", ["u@relay.example"], Encoding.ASCII.GetBytes(fields + "\r\nx\r\n"))).MustBe(250);
        Assert.Equal(["<u@relay.example>"], Assert.Single(await world.OnlyOursAsync()).Recipients);
    }

    [Fact]
    public async Task One_good_recipient_among_bad_ones_is_the_only_one()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        await client.SendAsync(
            "MAIL FROM:<a@b.example>\r\nRCPT TO:<n@victim.example>\r\nRCPT TO:<u@relay.example>\r\nRCPT TO:<m@victim.example>\r\nDATA\r\n");
        foreach (var code in (int[])[250, 550, 250, 550, 354])
        {
            (await client.ReadReplyAsync()).MustBe(code);
        }

        await client.SendAsync(StuffedContent.Of(Content));
        (await client.ReadReplyAsync()).MustBe(250);
        Assert.Equal(["<u@relay.example>"], Assert.Single(await world.OnlyOursAsync()).Recipients);
    }

    [Fact]
    public async Task A_parameter_that_is_unknown_or_said_twice_is_refused()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        foreach (var (mail, reply) in new[]
        {
            ("<a@b.example> FOO=bar", "555 5.5.4"),
            ("<a@b.example> SIZE=1 SIZE=2", "501 5.5.4"),
            ("<a@b.example> BODY=8BITMIME BODY=7BIT", "501 5.5.4"),
            ("<a@b.example> SIZE=-1", "501 5.5.4"),
        })
        {
            Assert.StartsWith(reply, (await client.CommandAsync("MAIL FROM:" + mail)).ToString(), StringComparison.Ordinal);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(503);
        }
    }

    [Fact]
    public async Task What_begins_anew_forgets_the_envelope()
    {
        await using var world = await StartAsync();
        foreach (var command in (string[])["RSET", "EHLO again.example", "HELO again.example"])
        {
            await using var client = await world.GreetAsync(Stranger);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<forgotten@relay.example>")).MustBe(250);
            (await client.CommandAsync(command)).MustBe(250);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(503);
            (await client.CommandAsync("DATA")).MustBe(503);
            (await client.SendMessageAsync("", ["u@relay.example"], Content)).MustBe(250);
            Assert.Equal(["<u@relay.example>"], Assert.Single(await world.OnlyOursAsync()).Recipients);
        }
    }

    [Fact]
    public async Task A_second_MAIL_changes_nothing()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        Assert.StartsWith("503 5.5.1", (await client.CommandAsync("MAIL FROM:<other@b.example>")).ToString(), StringComparison.Ordinal);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync(StuffedContent.Of(Content));
        (await client.ReadReplyAsync()).MustBe(250);
        Assert.StartsWith("<a@b.example>", Assert.Single(await world.OnlyOursAsync()).Sender, StringComparison.Ordinal);
    }

    private static async Task MustRefuseAsync(SmtpTestClient client)
    {
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        Assert.StartsWith("550 5.7.1", (await client.CommandAsync("RCPT TO:<n@victim.example>")).ToString(), StringComparison.Ordinal);
        (await client.CommandAsync("DATA")).MustBe(503);
        (await client.CommandAsync("RSET")).MustBe(250);
    }
}
