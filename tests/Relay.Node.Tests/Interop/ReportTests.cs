using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Actors.Bounces;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Node.Tests.Interop;

[Trait("Category", "Interop")]
public sealed class ReportTests
{
    private const string Reader =
        """
        import email, email.policy, json, sys
        message = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
        parts = list(message.iter_parts())
        third = parts[2]
        inner = third.get_payload(0) if isinstance(third.get_payload(), list) else None
        print(json.dumps({
            "type": message.get_content_type(),
            "report": message.get_param("report-type"),
            "from": str(message["from"]),
            "to": str(message["to"]),
            "subject": str(message["subject"]),
            "automatic": message["auto-submitted"],
            "answers": message["in-reply-to"],
            "parts": [part.get_content_type() for part in parts],
            "text": parts[0].get_content(),
            "status": [[[name, str(value)] for name, value in group.items()] for group in parts[1].get_payload()]
                if isinstance(parts[1].get_payload(), list) else parts[1].get_payload(decode=True).decode(),
            "original": inner["subject"] if inner is not None else third.get_payload(decode=True).decode("latin-1"),
            "defects": [str(defect) for part in [message, *parts] for defect in part.defects],
        }))
        """;

    private static readonly DateTimeOffset Accepted = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [InteropFact("python3")]
    public async Task Pythons_email_package_reads_a_failure_of_two_recipients()
    {
        var read = await ReadAsync(Request(
            DsnReturn.Unspecified,
            "Message-ID: <one@sender.example>\r\nSubject: first words\r\n\r\nThe text\r\n",
            Failed("one@relay.example", "No such user\r\nTo: evil@victim.example\r\n\r\nFinal-Recipient: rfc822; evil@victim.example"),
            Failed("two@relay.example", "Mailbox full")));
        Assert.Equal("multipart/report", read.GetProperty("type").GetString());
        Assert.Equal("delivery-status", read.GetProperty("report").GetString());
        Assert.Equal("Mail Delivery System <MAILER-DAEMON@mx-a.relay.example>", read.GetProperty("from").GetString());
        Assert.Equal("a@sender.example", read.GetProperty("to").GetString());
        Assert.Equal("auto-replied", read.GetProperty("automatic").GetString());
        Assert.Equal("<one@sender.example>", read.GetProperty("answers").GetString());
        Assert.Equal(["text/plain", "message/delivery-status", "message/rfc822"], Texts(read.GetProperty("parts")));
        Assert.Empty(Texts(read.GetProperty("defects")));
        Assert.Equal("first words", read.GetProperty("original").GetString());
        Assert.Equal(
            [
                "Reporting-MTA: dns; mx-a.relay.example", "Original-Envelope-Id: QQ+1", "X-Relay-Message-Id: " + new MessageId(1, 2), "Arrival-Date: Sun, 01 Mar 2026 10:00:00 +0000",
                "",
                "Original-Recipient: rfc822; first@sender.example", "Final-Recipient: rfc822; one@relay.example", "Action: failed", "Status: 5.1.1", "Remote-MTA: dns; mx.relay.example",
                "Diagnostic-Code: smtp; 550 5.1.1 No such user To: evil@victim.example Final-Recipient: rfc822; evil@victim.example",
                "Last-Attempt-Date: Sun, 01 Mar 2026 11:00:00 +0000",
                "",
                "Original-Recipient: rfc822; first@sender.example", "Final-Recipient: rfc822; two@relay.example", "Action: failed", "Status: 5.1.1", "Remote-MTA: dns; mx.relay.example",
                "Diagnostic-Code: smtp; 550 5.1.1 Mailbox full",
                "Last-Attempt-Date: Sun, 01 Mar 2026 11:00:00 +0000",
            ],
            Fields(read.GetProperty("status")));
    }

    [InteropFact("python3")]
    public async Task Pythons_email_package_reads_encoded_headers_and_foreign_words()
    {
        var read = await ReadAsync(Request(
            DsnReturn.Headers, "Subject: Gr\u00fc\u00dfe\r\n\r\nThe text\r\n", Failed("one@relay.example", "unbekannt f\u00fcr uns")));
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], Texts(read.GetProperty("parts")));
        Assert.Empty(Texts(read.GetProperty("defects")));
        Assert.Equal("Subject: Gr\u00fc\u00dfe\r\n", read.GetProperty("original").GetString());
        Assert.Contains("unbekannt f\u00fcr uns", read.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.1.1 unbekannt f?r uns", Fields(read.GetProperty("status")));
    }

    private static DsnRequest Request(DsnReturn wanted, string content, params DsnRecipient[] recipients) => new()
    {
        Cause = new MessageId(1, 2),
        Original = new StoredMessage(
            new Envelope(Path("a@sender.example"), MailParameters.None with { Return = wanted, EnvelopeId = "QQ+2B1" }, [.. recipients.Select(item => item.Recipient)]),
            new MessageOrigin(IPAddress.Loopback, "client.example", "default", null),
            Accepted,
            BodyHas8Bit: false),
        Content = new OriginalContent(Encoding.Latin1.GetBytes(content), content.Length),
        ReportingMta = "mx-a.relay.example",
        Now = Accepted.AddHours(2),
        ReportMessageId = "report@mx-a.relay.example",
        Recipients = recipients,
    };

    private static DsnRecipient Failed(string address, string words) => new(
        new EnvelopeRecipient(Path(address), DsnNotify.Unspecified, "rfc822;first@sender.example"),
        DsnAction.Failed,
        new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Rcpt, new SmtpReply(550, new EnhancedStatus(5, 1, 1), words) { IsHeard = true }),
        "mx.relay.example[192.0.2.1]:25",
        Accepted.AddHours(1),
        null);

    private static async Task<JsonElement> ReadAsync(DsnRequest request)
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, DsnComposer.Compose(request).Content.ToArray());
            var (code, output) = await ForeignProgram.RunAsync("python3", "-c", Reader, file);
            Assert.True(code == 0, output);
            using var document = JsonDocument.Parse(output);
            return document.RootElement.Clone();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());

    // Groups one after the other, an empty line between them.
    private static IEnumerable<string> Fields(JsonElement groups) =>
        groups.EnumerateArray()
            .SelectMany(group => group.EnumerateArray().Select(field => $"{field[0].GetString()}: {field[1].GetString()}").Prepend(string.Empty))
            .Skip(1);

    private static MailPath Path(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);
}
