using System.Text;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class RelayedBytesTests
{
    [Theory]
    [InlineData("plain", "Subject: x\r\n\r\nhello\r\n")]
    [InlineData("empty body", "\r\n")]
    [InlineData("dots", "Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\n . \r\na.\r\n.\r\n")]
    [InlineData("control characters", "Subject: \u0001\r\n\r\n\u0002\u0007\u001b[31m\u007f\t\v\f\r\n")]
    [InlineData("8-bit", "Subject: gr\u00fc\u00dfe\r\n\r\n\u20ac\r\n")]
    [InlineData("trailing blank lines", "Subject: x\r\n\r\n\r\n\r\n\r\n")]
    [InlineData("a Received field of its own", "Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: x\r\n\r\nx\r\n")]
    public async Task What_leaves_is_what_came_plus_one_Received_field(string name, string content)
    {
        Assert.NotEmpty(name);
        await AssertSameAsync(Encoding.UTF8.GetBytes(content), "BODY=8BITMIME");
    }

    [Fact]
    public Task Lines_of_998_octets_pass_whole() =>
        AssertSameAsync(Encoding.ASCII.GetBytes($"Subject: long\r\n\r\n{new string('x', 998)}\r\n.{new string('y', 997)}\r\n"), string.Empty);

    [Fact]
    public async Task A_message_of_50_MB_passes_whole()
    {
        var line = Encoding.ASCII.GetBytes($".{new string('z', 74)}\r\n");
        var content = new byte[50 * 1024 * 1024 / line.Length * line.Length];
        for (var at = 0; at < content.Length; at += line.Length)
        {
            line.CopyTo(content, at);
        }

        await AssertSameAsync(content, $"SIZE={content.Length}", """{ "size": "64 MiB" }""");
    }

    [Fact]
    public async Task A_body_that_came_in_chunks_leaves_as_DATA()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        var parts = new[] { "Subject: chunks\r\n\r\n.\r", "\n.\r\n..", "\r\nend\r\n" };
        for (var i = 0; i < parts.Length; i++)
        {
            await client.SendAsync($"BDAT {parts[i].Length}{(i == parts.Length - 1 ? " LAST" : string.Empty)}\r\n{parts[i]}");
            (await client.ReadReplyAsync()).MustBe(250);
        }

        var (_, rest) = ReceivedMail.Split(await mail.NextAsync());
        Assert.Equal(string.Concat(parts), Encoding.ASCII.GetString(rest));
    }

    [Fact]
    public async Task Addresses_beyond_ASCII_are_passed_on_with_SMTPUTF8()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<j\u00fcrgen@b.example> SMTPUTF8 BODY=8BITMIME")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<\u7528\u6237@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync("Subject: \u2713\r\n\r\nx\r\n.\r\n");
        (await client.ReadReplyAsync()).MustBe(250);

        var message = await mail.NextAsync();
        Assert.Equal("j\u00fcrgen@b.example", message.Envelope.Sender.Text);
        Assert.Equal("\u7528\u6237@relay.example", Assert.Single(message.Envelope.Recipients).Path.Text);
        Assert.True(message.Envelope.Parameters.SmtpUtf8);
        Assert.Contains("with UTF8SMTP", ReceivedMail.Split(message).Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_of_delivery_status_notifications_are_passed_on()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ+2B1")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;o@x.example")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync("Subject: x\r\n\r\nx\r\n.\r\n");
        (await client.ReadReplyAsync()).MustBe(250);

        var envelope = (await mail.NextAsync()).Envelope;
        Assert.Equal(("QQ+2B1", Relay.Smtp.Envelopes.DsnReturn.Headers), (envelope.Parameters.EnvelopeId, envelope.Parameters.Return));
        var recipient = Assert.Single(envelope.Recipients);
        Assert.Equal(Relay.Smtp.Envelopes.DsnNotify.Success | Relay.Smtp.Envelopes.DsnNotify.Delay, recipient.Notify);
        Assert.Equal("rfc822;o@x.example", recipient.OriginalRecipient);
    }

    [Fact]
    public async Task The_Received_field_names_the_client_us_and_the_id_of_the_250()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, "me.example");
        var reply = await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray());

        var id = reply.MustBe(250).Text.Split(' ')[^1];
        var (received, _) = ReceivedMail.Split(await mail.NextAsync());
        Assert.Contains("from me.example ([127.0.0.1])", received, StringComparison.Ordinal);
        Assert.Contains("by mx.relay.example", received, StringComparison.Ordinal);
        Assert.Contains($"with ESMTP id {id}", received.ReplaceLineEndings(string.Empty).Replace("\t", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("for <u@relay.example>", received, StringComparison.Ordinal);
    }

    private static async Task AssertSameAsync(byte[] content, string parameters, string message = "{}")
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ],
              "message": {{message}}
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync($"MAIL FROM:<a@b.example> {parameters}".TrimEnd())).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync(StuffedContent.Of(content));
        (await client.ReadReplyAsync()).MustBe(250);

        var (_, rest) = ReceivedMail.Split(await mail.NextAsync());
        Assert.True(content.AsSpan().SequenceEqual(rest));
    }
}
