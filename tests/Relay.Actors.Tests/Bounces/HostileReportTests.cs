using System.Text;
using CsCheck;
using Relay.Actors.Bounces;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Bounces;

public sealed class HostileReportTests
{
    private const string Boundary = "--=_0123456789abcdef0123456789abcdef";

    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\0", "\r\n\r\n", Boundary, $"\r\n{Boundary}--\r\n", "\r\nTo: evil@victim.example\r\n", "Final-Recipient: rfc822; evil@victim.example",
        "\r\n\r\nFinal-Recipient: rfc822; evil@victim.example\r\n", "Content-Type: multipart/mixed; boundary=x\r\n", "\u0085", "\u2028", "\u202e", "\ufeff",
        "\ud800", "\u00fc", "\t", "   ", ".", "=?utf-8?q?=0D=0A?=", "<a@b>", "Message-ID: <", ">", ":", "From ", new string('x', 1200), new string('\u20ac', 400),
    ];

    private static readonly Gen<string> Text = Gen.Select(Gen.Int[0, Pieces.Length - 1].Array[0, 12], Gen.String[0, 20], (pieces, text) => string.Concat(pieces.Select(at => Pieces[at])) + text);

    private static readonly Gen<byte[]> Content =
        Gen.OneOf(
            Text.Select(Encoding.UTF8.GetBytes),
            Gen.Byte.Array[0, 300],
            Text.Select(text => Encoding.UTF8.GetBytes("Message-ID: <a@b>\r\nSubject: " + text + "\r\n\r\n" + text)));

    [Fact]
    public void Hostile_replies_and_originals_add_no_field_no_part_and_no_recipient() =>
        Gen.Select(Text, Text, Text, Content, Gen.Enum<DsnReturn>(), Gen.Bool).Sample((reply, host, original, content, wanted, isUtf8) =>
        {
            var recipients = new[] { "one@relay.example", "two@relay.example" }.Select(address => Reports.Failed(address) with
            {
                Recipient = new EnvelopeRecipient(Reports.Path(address), DsnNotify.Unspecified, $"rfc822;{original}"),
                Outcome = new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Rcpt, new SmtpReply(550, EnhancedStatus.None, [reply, reply]) { IsHeard = true }),
                RemoteMta = host,
            }).ToArray();
            var report = DsnComposer.Compose(Reports.Request(
                parameters: MailParameters.None with { Return = wanted, SmtpUtf8 = isUtf8, EnvelopeId = original.Length == 0 ? null : original },
                content: content,
                recipients: recipients));
            AssertTravels(report);
            using var message = Reports.Parse(report);
            Assert.Equal(
                "Date From To Subject Message-ID Auto-Submitted MIME-Version Content-Type",
                string.Join(' ', message.Headers.Select(header => header.Field).Where(name => name is not ("In-Reply-To" or "References")).Append("Content-Type").Distinct()));
            Assert.Equal("a@sender.example", message.To.ToString());
            var body = Reports.Body(message);
            Assert.Equal(3, body.Count);
            Assert.True(report.Content.Span.EndsWith(Encoding.ASCII.GetBytes($"\r\n--{body.Boundary}--\r\n")));
            Assert.Equal("text/plain", body[0].ContentType.MimeType);
            var groups = Reports.Status(body);
            Assert.Equal(3, groups.Count);
            Assert.All(groups[0], field => Assert.Contains(field.Field, (string[])["Reporting-MTA", "Original-Envelope-Id", "X-Relay-Message-Id", "Arrival-Date"]));
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal($"rfc822; {recipients[i].Recipient.Path.Text}", Assert.Single(groups[i + 1], field => field.Field == "Final-Recipient").Value);
                Assert.Equal("failed", Assert.Single(groups[i + 1], field => field.Field == "Action").Value);
                Assert.InRange(groups[i + 1].Count, 5, 7);
            }
        });

    private static void AssertTravels(DsnReport report)
    {
        var octets = report.Content.Span;
        Assert.False(octets.Contains((byte)0));
        Assert.Equal(report.Has8Bit, octets.ContainsAnyInRange((byte)128, (byte)255));
        while (!octets.IsEmpty)
        {
            var end = octets.IndexOf("\r\n"u8);
            var line = end < 0 ? octets : octets[..end];
            Assert.InRange(line.Length, 0, 998);
            Assert.False(line.ContainsAny((byte)'\r', (byte)'\n'));
            octets = end < 0 ? [] : octets[(end + 2)..];
        }
    }
}
