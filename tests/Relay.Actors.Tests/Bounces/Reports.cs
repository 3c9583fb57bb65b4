using System.Net;
using System.Text;
using MimeKit;
using Relay.Actors.Bounces;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Bounces;

/// <summary>Requests for reports, and reports read back.</summary>
internal static class Reports
{
    public const string PlainMessage =
        "Received: from client.example\r\nFrom: a@sender.example\r\nMessage-ID: <one@sender.example>\r\nSubject: hello\r\n\r\nThe text\r\n--\r\nend\r\n";

    public static readonly DateTimeOffset Accepted = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    public static DsnRequest Request(
        string sender = "a@sender.example",
        MailParameters? parameters = null,
        byte[]? content = null,
        long? size = null,
        params DsnRecipient[] recipients)
    {
        content ??= Encoding.ASCII.GetBytes(PlainMessage);
        var about = recipients.Length == 0 ? new[] { Failed("u@relay.example") } : recipients;
        return new DsnRequest
        {
            Cause = new MessageId(1, 2),
            Original = new StoredMessage(
                new Envelope(Path(sender), parameters ?? MailParameters.None, [.. about.Select(item => item.Recipient)]),
                new MessageOrigin(IPAddress.Loopback, "client.example", "default", null),
                Accepted,
                BodyHas8Bit: false),
            Content = new OriginalContent(content.AsMemory(0, Math.Min(content.Length, DsnLimits.ReadOctets)), size ?? content.Length),
            ReportingMta = "mx-a.relay.example",
            Now = Accepted.AddHours(1),
            ReportMessageId = "report-1@mx-a.relay.example",
            Recipients = about,
        };
    }

    public static DsnRecipient Failed(string address, SmtpReply? reply = null, string? originalRecipient = null) => new(
        new EnvelopeRecipient(Path(address), DsnNotify.Unspecified, originalRecipient),
        DsnAction.Failed,
        new RecipientOutcome(
            OutcomeKind.Bounced, ClientStage.Rcpt, reply ?? new SmtpReply(550, new EnhancedStatus(5, 1, 1), "No such user here") { IsHeard = true }),
        "mx.relay.example[192.0.2.1]:25",
        Accepted.AddMinutes(30),
        null);

    public static MailPath Path(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    public static MimeMessage Parse(DsnReport report) => MimeMessage.Load(new MemoryStream(report.Content.ToArray()));

    public static MultipartReport Body(MimeMessage message) => Assert.IsType<MultipartReport>(message.Body);

    /// <summary>The blocks of the status part: the first about the message, the others each about a recipient.</summary>
    public static HeaderListCollection Status(MultipartReport report) => Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;

    /// <summary>The octets of the third part, as they stand between the boundaries, without their encoding.</summary>
    public static byte[] Returned(DsnReport report)
    {
        using var message = Parse(report);
        var body = Body(message);
        var octets = report.Content.Span;
        var boundary = Encoding.ASCII.GetBytes($"\r\n--{body.Boundary}");
        octets = octets[..octets.LastIndexOf(boundary)];
        octets = octets[octets.LastIndexOf(boundary)..];
        octets = octets[(octets.IndexOf("\r\n\r\n"u8) + 4)..];
        return body[2].Headers[HeaderId.ContentTransferEncoding] == "base64"
            ? Convert.FromBase64String(Encoding.ASCII.GetString(octets))
            : octets.ToArray();
    }
}
