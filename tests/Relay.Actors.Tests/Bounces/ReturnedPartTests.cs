using System.Text;
using MimeKit;
using Relay.Actors.Bounces;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Bounces;

public sealed class ReturnedPartTests
{
    [Theory]
    [InlineData(DsnReturn.Unspecified, DsnLimits.FullOctetsMax, "message/rfc822")]
    [InlineData(DsnReturn.Full, DsnLimits.FullOctetsMax, "message/rfc822")]
    [InlineData(DsnReturn.Full, DsnLimits.FullOctetsMax + 1, "text/rfc822-headers")]
    [InlineData(DsnReturn.Unspecified, 3_000_000, "text/rfc822-headers")]
    [InlineData(DsnReturn.Headers, 1000, "text/rfc822-headers")]
    public void The_message_goes_back_whole_when_it_is_small_and_wanted(DsnReturn wanted, int size, string type)
    {
        var content = Content("Subject: x\r\nX-Long: a\r\n b\r\n", size);
        var report = DsnComposer.Compose(Reports.Request(parameters: MailParameters.None with { Return = wanted }, content: content));
        using var message = Reports.Parse(report);
        var body = Reports.Body(message);
        Assert.Equal(type, body[2].ContentType.MimeType);
        if (type == "message/rfc822")
        {
            Assert.True(DsnComposerTests.Contains(report, content));
        }
        else
        {
            Assert.Equal("Subject: x\r\nX-Long: a\r\n b\r\n", Encoding.ASCII.GetString(Reports.Returned(report)));
        }
    }

    [Fact]
    public void Eight_bit_content_goes_back_as_it_came_and_says_so()
    {
        var content = Encoding.Latin1.GetBytes("Subject: x\r\n\r\nGr\u00fc\u00dfe \u00ff\r\n\r\n");
        var report = DsnComposer.Compose(Reports.Request(content: content));
        Assert.True(report.Has8Bit);
        Assert.Equal(BodyType.EightBitMime, report.Envelope.Parameters.Body);
        Assert.False(report.Envelope.Parameters.SmtpUtf8);
        Assert.True(DsnComposerTests.Contains(report, content));
        using var message = Reports.Parse(report);
        Assert.Equal("8bit", Reports.Body(message)[2].Headers[HeaderId.ContentTransferEncoding]);
    }

    [Fact]
    public void Eight_bit_headers_alone_travel_encoded()
    {
        var content = Encoding.Latin1.GetBytes("Subject: \u00ff\u0000\r\nX: a\rb\r\n\r\ntext\r\n");
        var report = DsnComposer.Compose(Reports.Request(parameters: MailParameters.None with { Return = DsnReturn.Headers }, content: content));
        Assert.False(report.Has8Bit);
        Assert.Equal(Encoding.Latin1.GetBytes("Subject: \u00ff\u0000\r\nX: a\rb\r\n"), Reports.Returned(report));
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nbare \n line feed\r\n")]
    [InlineData("Subject: x\r\n\r\nbare \r return\r\n")]
    [InlineData("Subject: x\r\n\r\nnul \0\r\n")]
    [InlineData("Subject: x\r\n\r\nends with a bare \r")]
    public void What_cannot_travel_as_it_is_goes_back_as_header_only(string text)
    {
        var report = DsnComposer.Compose(Reports.Request(content: Encoding.ASCII.GetBytes(text)));
        Assert.Equal("Subject: x\r\n", Encoding.ASCII.GetString(Reports.Returned(report)));
    }

    [Theory]
    [InlineData(998, "message/rfc822")]
    [InlineData(999, "text/rfc822-headers")]
    public void A_line_that_is_too_long_cannot_travel(int length, string type)
    {
        var content = Encoding.ASCII.GetBytes($"Subject: x\r\n\r\n{new string('l', length)}\r\n");
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(content: content)));
        Assert.Equal(type, Reports.Body(message)[2].ContentType.MimeType);
    }

    [Theory]
    [InlineData("no header at all\r\n", "")]
    [InlineData("\r\nno header\r\n", "")]
    [InlineData(" begins: blank\r\n", "")]
    [InlineData("A: b\r\nnot a field\r\nC: d\r\n\r\n", "A: b\r\n")]
    [InlineData("A: b\r\nC : d\r\n\r\n", "A: b\r\nC : d\r\n")]
    [InlineData("A: b\r\nC: d", "A: b\r\nC: d")]
    [InlineData("A: b\n\nC: d", "A: b\n")]
    [InlineData("", "")]
    public void The_header_ends_where_it_stops_to_be_one(string content, string header)
    {
        var request = Reports.Request(parameters: MailParameters.None with { Return = DsnReturn.Headers }, content: Encoding.ASCII.GetBytes(content));
        var report = DsnComposer.Compose(request);
        using var message = Reports.Parse(report);
        Assert.Equal(3, Reports.Body(message).Count);
        Assert.Equal(header, Encoding.ASCII.GetString(Reports.Returned(report)));
    }

    [Fact]
    public void A_huge_header_is_cut_behind_a_line()
    {
        var content = new StringBuilder();
        while (content.Length < 2 * DsnLimits.HeaderOctetsMax)
        {
            content.Append("X-Field: some value that fills the header\r\n");
        }

        var report = DsnComposer.Compose(Reports.Request(content: Encoding.ASCII.GetBytes(content.ToString())));
        var returned = Encoding.ASCII.GetString(Reports.Returned(report));
        Assert.InRange(returned.Length, DsnLimits.HeaderOctetsMax - 50, DsnLimits.HeaderOctetsMax);
        Assert.EndsWith("header\r\n", returned, StringComparison.Ordinal);
    }

    [Fact]
    public void An_original_that_could_not_be_read_leaves_a_report_without_it()
    {
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(content: [], size: 5000)));
        var body = Reports.Body(message);
        Assert.Equal(3, body.Count);
        Assert.Equal("text/rfc822-headers", body[2].ContentType.MimeType);
    }

    [Theory]
    [InlineData("Message-ID: <a@b>\r\n", "<a@b>")]
    [InlineData("message-id:\r\n <a@b>\r\nMessage-ID: <c@d>\r\n", "<a@b>")]
    [InlineData("Message-ID: a@b\r\n", null)]
    [InlineData("Message-ID: <a b@c>\r\n", null)]
    [InlineData("Message-ID: <a@b\r\n", null)]
    [InlineData("Message-ID: <a@\u00e4>\r\n", null)]
    [InlineData("Message-ID:\r\nTo: <a@b>\r\n", null)]
    [InlineData("X-Message-ID: <a@b>\r\n", null)]
    public void Only_a_plain_message_id_is_referred_to(string header, string? expected)
    {
        using var message = Reports.Parse(DsnComposer.Compose(Reports.Request(content: Encoding.UTF8.GetBytes(header + "\r\ntext\r\nMessage-ID: <body@b>\r\n"))));
        Assert.Equal(expected, message.Headers["In-Reply-To"]);
        Assert.Equal(expected, message.Headers["References"]);
    }

    private static byte[] Content(string header, int size)
    {
        var text = new StringBuilder(header).Append("\r\n");
        while (text.Length < size - 60)
        {
            text.Append("A line of the text of this message, nothing more\r\n");
        }

        text.Append('x', size - text.Length - 2).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
