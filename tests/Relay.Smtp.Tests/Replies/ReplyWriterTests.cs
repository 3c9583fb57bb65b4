using System.Buffers;
using System.Reflection;
using System.Text;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Tests.Replies;

public sealed class ReplyWriterTests
{
    public static TheoryData<string> Canned =>
        [.. typeof(CannedReplies).GetFields(BindingFlags.Public | BindingFlags.Static).Select(info => info.Name)];

    [Fact]
    public void A_reply_of_one_line_has_code_status_and_text() =>
        Assert.Equal("550 5.7.1 Relaying denied\r\n", Write(new SmtpReply(550, new(5, 7, 1), "Relaying denied")));

    [Fact]
    public void A_reply_of_several_lines_repeats_code_and_status() =>
        Assert.Equal("250-2.0.0 a\r\n250-2.0.0 b\r\n250 2.0.0 c\r\n", Write(new SmtpReply(250, new(2, 0, 0), ["a", "b", "c"])));

    [Fact]
    public void A_reply_without_status_has_none_on_any_line() =>
        Assert.Equal("250-a\r\n250 \r\n", Write(new SmtpReply(250, EnhancedStatus.None, ["a", string.Empty])));

    [Fact]
    public void Text_cannot_break_out_of_its_line() =>
        Assert.Equal("550 5.1.1 a??250 b?????\r\n", Write(new SmtpReply(550, new(5, 1, 1), "a\r\n250 b\0\t\x7fü€")));

    [Fact]
    public void A_line_is_cut_at_512_octets_with_CRLF()
    {
        var start = "550 5.999.999 ";
        var fits = new string('x', 510 - start.Length);
        Assert.Equal(start + fits + "\r\n", Write(new SmtpReply(550, new(5, 999, 999), fits)));
        Assert.Equal(start + fits + "\r\n", Write(new SmtpReply(550, new(5, 999, 999), fits + "y")));
        Assert.Equal(512, Write(new SmtpReply(250, EnhancedStatus.None, new string('y', 5000))).Length);
    }

    [Theory]
    [MemberData(nameof(Canned))]
    public void A_canned_reply_has_a_status_of_its_class_and_printable_text(string name)
    {
        var reply = Assert.IsType<SmtpReply>(typeof(CannedReplies).GetField(name)!.GetValue(null));
        Assert.Equal(reply.Code is >= 300 and < 400 ? 0 : reply.Code / 100, reply.Status.Class);
        Assert.All(reply.Lines, line => Assert.Matches("^[ -~]+$", line));
    }

    private static string Write(SmtpReply reply)
    {
        var output = new ArrayBufferWriter<byte>();
        ReplyWriter.Write(reply, output);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
