using System.Globalization;
using System.Text;
using MailKit.Net.Smtp;
using MimeKit;
using Relay.Flood.Sink;
using Relay.Node.Tests.EndToEnd;

namespace Relay.Node.Tests.Interop;

[Trait("Category", "Interop")]
public sealed class ClientTests
{
    [InteropFact("swaks")]
    public async Task Swaks_sends_through_us()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        foreach (var extra in new string[][] { [], ["--pipeline"], ["--protocol", "SMTP"] })
        {
            var (code, output) = await ForeignProgram.RunAsync(
                "swaks",
                ["--server", "127.0.0.1", "--port", Port(node), "--from", "a@b.example", "--to", "u@relay.example,v@relay.example",
                    "--header", "Subject: from swaks", "--body", ".dot\\n..dots\\nend", .. extra]);
            Assert.True(code == 0, output);
            var message = await mail.NextAsync();
            Assert.Equal(["u@relay.example", "v@relay.example"], message.Envelope.Recipients.Select(r => r.Path.Text));
            var text = Encoding.UTF8.GetString(ReceivedMail.Split(message).Original);
            Assert.Contains("Subject: from swaks\r\n", text, StringComparison.Ordinal);
            Assert.Contains("\r\n.dot\r\n..dots\r\nend", text, StringComparison.Ordinal);
        }
    }

    [InteropFact("swaks")]
    public async Task Swaks_is_told_that_it_may_not_relay()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync("""{ "acceptedDomains": ["relay.example"] }""");
        var (code, output) = await ForeignProgram.RunAsync(
            "swaks", "--server", "127.0.0.1", "--port", Port(node), "--from", "a@evil.example", "--to", "n@victim.example", "--quit-after", "RCPT");
        // 24: no recipient was accepted.
        Assert.True(code == 24, output);
        Assert.Contains("550 5.7.1", output, StringComparison.Ordinal);
    }

    [InteropFact("smtp-source")]
    public async Task Smtp_source_floods_us_and_every_message_arrives()
    {
        const int Count = 500;
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        var (code, output) = await ForeignProgram.RunAsync(
            "smtp-source", "-d", "-s", "20", "-m", Count.ToString(CultureInfo.InvariantCulture), "-l", "4096",
            "-f", "a@b.example", "-t", "u@relay.example", $"127.0.0.1:{Port(node)}");
        Assert.True(code == 0, output);
        for (var i = 0; i < Count; i++)
        {
            Assert.InRange(ReceivedMail.Split(await mail.NextAsync()).Original.Length, 4096, 5000);
        }
    }

    [InteropFact("curl")]
    public async Task Curl_sends_a_file_through_us()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        var file = Path.GetTempFileName();
        try
        {
            var content = Encoding.UTF8.GetBytes("Subject: from curl\r\n\r\n.\r\n..\r\nGr\u00fc\u00dfe\r\n");
            await File.WriteAllBytesAsync(file, content);
            var (code, output) = await ForeignProgram.RunAsync(
                "curl", "-sS", "--url", $"smtp://127.0.0.1:{Port(node)}/probe.example", "--mail-from", "a@b.example", "--mail-rcpt", "u@relay.example", "-T", file);
            Assert.True(code == 0, output);
            Assert.Equal(content, ReceivedMail.Split(await mail.NextAsync()).Original);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [InteropFact("python3")]
    public async Task Pythons_smtplib_sends_through_us()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        var (code, output) = await ForeignProgram.RunAsync(
            "python3",
            "-c",
            $"""
            import smtplib
            from email.message import EmailMessage
            m = EmailMessage()
            m["Subject"], m["From"], m["To"] = "from python", "a@b.example", "u@relay.example"
            m.set_content("text\n.\n..\n")
            m.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="all.bin")
            with smtplib.SMTP("127.0.0.1", {Port(node)}) as s:
                s.send_message(m)
                s.sendmail("a@b.example", ["u@relay.example", "v@relay.example"], b"Subject: two\r\n\r\nx\r\n", rcpt_options=["NOTIFY=FAILURE"])
            """);
        Assert.True(code == 0, output);
        SinkMessage[] both = [await mail.NextAsync(), await mail.NextAsync()]; // two connections deliver them in any order
        var toOne = Assert.Single(both, message => message.Envelope.Recipients.Count == 1);
        Assert.Single(both, message => message.Envelope.Recipients.Count == 2);
        using var parsed = await MimeMessage.LoadAsync(new MemoryStream(toOne.Content.ToArray()));
        Assert.Equal("from python", parsed.Subject);
        using var attachment = new MemoryStream();
        await ((MimePart)Assert.Single(parsed.Attachments)).Content!.DecodeToAsync(attachment);
        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), attachment.ToArray());
    }

    [Fact]
    public async Task MailKit_sends_through_us_with_pipelining_chunks_and_SMTPUTF8()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        using var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", node.Smtp.Port, MailKit.Security.SecureSocketOptions.None);
        foreach (var capability in new[]
        {
            SmtpCapabilities.Pipelining, SmtpCapabilities.Size, SmtpCapabilities.EightBitMime, SmtpCapabilities.UTF8,
            SmtpCapabilities.EnhancedStatusCodes, SmtpCapabilities.Chunking, SmtpCapabilities.Dsn,
        })
        {
            Assert.True(client.Capabilities.HasFlag(capability), capability.ToString());
        }

        var message = new MimeMessage();
        message.From.Add(new MailboxAddress("J\u00fcrgen", "j\u00fcrgen@b.example"));
        message.To.Add(new MailboxAddress("U", "u@relay.example"));
        message.Subject = "\u2713 from MailKit";
        message.Body = new TextPart("plain") { Text = ".\r\n..\r\nend\r\n" };
        await client.SendAsync(message);
        await client.DisconnectAsync(true);

        var got = await mail.NextAsync();
        using var parsed = await MimeMessage.LoadAsync(new MemoryStream(got.Content.ToArray()));
        Assert.Equal(message.Subject, parsed.Subject);
        Assert.Equal(".\r\n..\r\nend\r\n", parsed.TextBody!.ReplaceLineEndings("\r\n"));
    }

    private static string Port(RunningNode node) => node.Smtp.Port.ToString(CultureInfo.InvariantCulture);
}
