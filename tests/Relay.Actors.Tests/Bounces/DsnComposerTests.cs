using System.Text;
using MimeKit;
using Relay.Actors.Bounces;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Bounces;

public sealed class DsnComposerTests
{
    [Fact]
    public void A_failure_says_everything_that_RFC_3464_asks_for()
    {
        var request = Reports.Request(
            parameters: MailParameters.None with { EnvelopeId = "QQ+2B314+20x" },
            recipients: Reports.Failed("u@relay.example", originalRecipient: "rfc822;first+2Blast@sender.example"));
        var report = DsnComposer.Compose(request);
        Assert.False(report.Has8Bit);
        Assert.True(report.Envelope.Sender.IsNull);
        var to = Assert.Single(report.Envelope.Recipients);
        Assert.Equal("a@sender.example", to.Path.Text);
        Assert.Equal(DsnNotify.Never, to.Notify);
        Assert.Equal(MailParameters.None with { DeclaredSize = report.Content.Length }, report.Envelope.Parameters);

        using var message = Reports.Parse(report);
        Assert.Equal("\"Mail Delivery System\" <MAILER-DAEMON@mx-a.relay.example>", message.From.ToString());
        Assert.Equal("a@sender.example", message.To.ToString());
        Assert.Equal(request.Now, message.Date);
        Assert.Equal("report-1@mx-a.relay.example", message.MessageId);
        Assert.Equal("one@sender.example", message.InReplyTo);
        Assert.Equal(["one@sender.example"], message.References);
        Assert.Equal("auto-replied", message.Headers["Auto-Submitted"]);
        Assert.Equal("1.0", Assert.Single(message.Headers, header => header.Id == HeaderId.MimeVersion).Value);
        var body = Reports.Body(message);
        Assert.Equal("delivery-status", body.ReportType);
        Assert.Equal(
            ["text/plain", "message/delivery-status", "message/rfc822"], body.Select(part => part.ContentType.MimeType));

        var status = Reports.Status(body);
        Assert.Equal(2, status.Count);
        Assert.Equal(
            [
                ("Reporting-MTA", "dns; mx-a.relay.example"),
                ("Original-Envelope-Id", "QQ+314 x"),
                ("X-Relay-Message-Id", request.Cause.ToString()),
                ("Arrival-Date", "Sun, 01 Mar 2026 10:00:00 +0000"),
            ],
            status[0].Select(field => (field.Field, field.Value)));
        Assert.Equal(
            [
                ("Original-Recipient", "rfc822; first+last@sender.example"),
                ("Final-Recipient", "rfc822; u@relay.example"),
                ("Action", "failed"),
                ("Status", "5.1.1"),
                ("Remote-MTA", "dns; mx.relay.example"),
                ("Diagnostic-Code", "smtp; 550 5.1.1 No such user here"),
                ("Last-Attempt-Date", "Sun, 01 Mar 2026 10:30:00 +0000"),
            ],
            status[1].Select(field => (field.Field, field.Value)));

        var text = ((TextPart)body[0]).Text;
        Assert.Contains("<u@relay.example>", text, StringComparison.Ordinal);
        Assert.Contains("mx.relay.example: 550 5.1.1 No such user here", text, StringComparison.Ordinal);
        Assert.Contains("This is the mail system of mx-a.relay.example.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_request_makes_the_same_octets() =>
        Assert.Equal(DsnComposer.Compose(Reports.Request()).Content.ToArray(), DsnComposer.Compose(Reports.Request()).Content.ToArray());

    [Theory]
    [InlineData(DsnAction.Failed, OutcomeKind.Bounced, 550, "5.7.1", "5.7.1")]
    [InlineData(DsnAction.Failed, OutcomeKind.Bounced, 550, "", "5.0.0")]
    [InlineData(DsnAction.Failed, OutcomeKind.Bounced, 451, "4.3.0", "5.0.0")]
    [InlineData(DsnAction.Failed, OutcomeKind.Deferred, 451, "4.3.0", "4.4.7")]
    [InlineData(DsnAction.Delayed, OutcomeKind.Deferred, 451, "4.3.0", "4.3.0")]
    [InlineData(DsnAction.Delayed, OutcomeKind.Deferred, 554, "5.3.0", "4.0.0")]
    [InlineData(DsnAction.Relayed, OutcomeKind.Delivered, 250, "2.6.0", "2.6.0")]
    [InlineData(DsnAction.Delivered, OutcomeKind.Delivered, 250, "", "2.0.0")]
    public void The_status_is_the_replys_own_when_its_class_fits(DsnAction action, OutcomeKind kind, int code, string given, string expected)
    {
        var parts = given.Split('.');
        var status = parts.Length == 3
            ? new EnhancedStatus(short.Parse(parts[0], null), short.Parse(parts[1], null), short.Parse(parts[2], null))
            : EnhancedStatus.None;
        var recipient = Reports.Failed("u@relay.example") with
        {
            Action = action,
            Outcome = new RecipientOutcome(kind, ClientStage.EndOfData, new SmtpReply(code, status, "text") { IsHeard = true }),
        };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipient)));
        var fields = Reports.Status(Reports.Body(message))[1];
        Assert.Equal(expected, fields["Status"]);
        Assert.Equal(action.ToString().ToLowerInvariant(), fields["Action"]);
    }

    [Theory]
    [InlineData("127.0.7.79[127.0.7.79]:25", "[127.0.7.79]", "127.0.7.79")]
    [InlineData("2001:db8::25[2001:db8::25]:25", "[IPv6:2001:db8::25]", "2001:db8::25")]
    [InlineData("[192.0.2.7][192.0.2.7]:25", "[192.0.2.7]", "[192.0.2.7]")]
    [InlineData("[2001:db8::25][2001:db8::25]:25", "[IPv6:2001:db8::25]", "[2001:db8::25]")]
    [InlineData("[IPv6:2001:db8::25][2001:db8::25]:25", "[IPv6:2001:db8::25]", "[IPv6:2001:db8::25]")]
    [InlineData("mx.relay.example[192.0.2.1]:25", "mx.relay.example", "mx.relay.example")]
    [InlineData("10.1[10.0.0.1]:25", "10.1", "10.1")]
    public void A_host_without_a_name_is_an_address_literal_for_programs(string nextHop, string mta, string shown)
    {
        var recipient = Reports.Failed("u@relay.example") with { RemoteMta = nextHop };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipient) with { ReportingMta = shown }));
        var body = Reports.Body(message);
        var status = Reports.Status(body);
        Assert.Equal(($"dns; {mta}", $"dns; {mta}"), (status[0]["Reporting-MTA"], status[1]["Remote-MTA"]));
        Assert.Contains($"    {shown}: 550 5.1.1 No such user here", ((TextPart)body[0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_never_tried_has_expired_without_a_diagnosis()
    {
        var recipient = Reports.Failed("u@relay.example") with { Outcome = null, RemoteMta = null, LastAttempt = null };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipient)));
        var body = Reports.Body(message);
        Assert.Equal(
            [("Final-Recipient", "rfc822; u@relay.example"), ("Action", "failed"), ("Status", "4.4.7")],
            Reports.Status(body)[1].Select(field => (field.Field, field.Value)));
        Assert.Contains("Given up after too long a time.", ((TextPart)body[0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_words_are_not_given_as_the_peers()
    {
        var recipient = Reports.Failed("u@relay.example") with
        {
            RemoteMta = null,
            Outcome = new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(556, new EnhancedStatus(5, 1, 10), "Takes no mail")),
        };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipient)));
        var fields = Reports.Status(Reports.Body(message))[1];
        Assert.Equal("x-relay; 556 5.1.10 Takes no mail", fields["Diagnostic-Code"]);
        Assert.False(fields.Contains("Remote-MTA"));
    }

    [Fact]
    public void What_we_say_of_a_silent_host_is_not_given_as_its_words()
    {
        var recipient = Reports.Failed("u@relay.example") with
        {
            Outcome = new RecipientOutcome(OutcomeKind.Deferred, ClientStage.EndOfData, ClientReplies.ConnectionLost),
        };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipient)));
        var body = Reports.Body(message);
        var fields = Reports.Status(body)[1];
        Assert.Equal("x-relay; 421 4.4.2 Connection to the next hop lost", fields["Diagnostic-Code"]);
        Assert.StartsWith("dns; ", fields["Remote-MTA"], StringComparison.Ordinal);
        Assert.Contains(" lost (mx", string.Join(" ", Unwrapped(body).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delay_says_until_when_and_returns_the_header_only()
    {
        var recipient = Reports.Failed("u@relay.example") with
        {
            Action = DsnAction.Delayed,
            Outcome = new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Rcpt, new SmtpReply(451, new EnhancedStatus(4, 2, 0), "Busy") { IsHeard = true }),
            WillRetryUntil = Reports.Accepted.AddDays(5),
        };
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(
            parameters: MailParameters.None with { Return = DsnReturn.Full }, recipients: recipient)));
        var body = Reports.Body(message);
        Assert.Equal("Fri, 06 Mar 2026 10:00:00 +0000", Reports.Status(body)[1]["Will-Retry-Until"]);
        Assert.StartsWith("Delayed mail", message.Subject, StringComparison.Ordinal);
        Assert.Contains("until Fri, 06 Mar 2026 10:00:00 +0000", Unwrapped(body), StringComparison.Ordinal);
        Assert.Equal("text/rfc822-headers", body[2].ContentType.MimeType);
    }

    [Fact]
    public void Many_recipients_are_all_in_the_part_for_machines_and_counted_for_people()
    {
        var recipients = Enumerable.Range(0, DsnLimits.RecipientsMax).Select(i => Reports.Failed($"u{i}@relay.example")).ToArray();
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(recipients: recipients)));
        var body = Reports.Body(message);
        Assert.Equal(
            recipients.Select(item => $"rfc822; {item.Recipient.Path.Text}"),
            Reports.Status(body).Skip(1).Select(fields => fields["Final-Recipient"]));
        Assert.Contains("And 950 more recipients", ((TextPart)body[0]).Text, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DsnComposer.Compose(Reports.Request(recipients: [.. recipients, recipients[0]])));
    }

    [Fact]
    public void A_bounce_is_not_bounced()
    {
        var request = Reports.Request(sender: string.Empty);
        Assert.Throws<ArgumentException>(() => DsnComposer.Compose(request));
    }

    [Fact]
    public void Internationalized_mail_is_reported_in_the_types_of_RFC_6533()
    {
        var content = Encoding.UTF8.GetBytes("From: jürgen@sender.example\r\nSubject: Grüße\r\n\r\nTag\r\n");
        var report = DsnComposer.Compose(Reports.Request(
            sender: "jürgen@sender.example",
            parameters: MailParameters.None with { SmtpUtf8 = true, Body = BodyType.EightBitMime },
            content: content,
            recipients:
            [
                Reports.Failed("δοκιμή@relay.example", new SmtpReply(550, EnhancedStatus.None, "kein Postfach für δοκιμή") { IsHeard = true }, @"utf-8;\x{3B4}@sender.example"),
                Reports.Failed("u@relay.example"),
            ]));
        Assert.True(report.Has8Bit);
        Assert.True(report.Envelope.Parameters.SmtpUtf8);
        Assert.Equal(BodyType.EightBitMime, report.Envelope.Parameters.Body);
        using var message = Reports.Parse(report);
        Assert.Equal("jürgen@sender.example", Assert.Single(message.To.Mailboxes).Address);
        var body = Reports.Body(message);
        Assert.Equal(["text/plain", "message/global-delivery-status", "message/global"], body.Select(part => part.ContentType.MimeType));
        var groups = Reports.Status(body);
        Assert.Equal("utf-8; δοκιμή@relay.example", groups[1]["Final-Recipient"]);
        Assert.Equal("utf-8; δ@sender.example", groups[1]["Original-Recipient"]);
        Assert.Equal("smtp; 550 kein Postfach für δοκιμή", groups[1]["Diagnostic-Code"]);
        Assert.Equal("rfc822; u@relay.example", groups[2]["Final-Recipient"]);
        Assert.Contains("<δοκιμή@relay.example>", ((TextPart)body[0]).Text, StringComparison.Ordinal);
        Assert.True(Contains(report, content));
    }

    [Fact]
    public void A_servers_foreign_words_stay_in_the_part_for_people_of_plain_mail()
    {
        var report = DsnComposer.Compose(Reports.Request(
            recipients: Reports.Failed("u@relay.example", new SmtpReply(550, EnhancedStatus.None, "unbekannt: für") { IsHeard = true }, @"utf-8;\x{3B4}@sender.example")));
        Assert.False(report.Has8Bit);
        using var message = Reports.Parse(report);
        var body = Reports.Body(message);
        Assert.Equal("smtp; 550 unbekannt: f?r", Reports.Status(body)[1]["Diagnostic-Code"]);
        Assert.Equal(@"utf-8; \x{3B4}@sender.example", Reports.Status(body)[1]["Original-Recipient"]);
        Assert.Contains("unbekannt: für", ((TextPart)body[0]).Text, StringComparison.Ordinal);
    }

    internal static bool Contains(DsnReport report, ReadOnlySpan<byte> octets) => report.Content.Span.IndexOf(octets) >= 0;

    private static string Unwrapped(MultipartReport body) => ((TextPart)body[0]).Text.ReplaceLineEndings(" ");
}
