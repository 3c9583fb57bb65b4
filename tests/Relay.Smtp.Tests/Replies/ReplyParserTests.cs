using System.Buffers;
using System.Text;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Tests.Replies;

public sealed class ReplyParserTests
{
    private static SmtpReply Parse(string text)
    {
        var parser = new ReplyParser();
        var input = Sequence(text);
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.True(input.IsEmpty);
        return parser.ToReply();
    }

    private static ReadOnlySequence<byte> Sequence(string text) => new(Encoding.Latin1.GetBytes(text));

    private static ReplyFault FaultOf(string text, ReplyLimits? limits = null)
    {
        var parser = new ReplyParser(limits);
        var input = Sequence(text);
        Assert.Equal(ReplyParse.Malformed, parser.Advance(ref input));
        Assert.True(input.IsEmpty);
        input = Sequence("250 ok\r\n");
        Assert.Equal(ReplyParse.Malformed, parser.Advance(ref input));
        return parser.Fault;
    }

    [Theory]
    [InlineData("250 2.1.5 Ok\r\n", 250, "2.1.5", "Ok")]
    [InlineData("250 2.1.5\r\n", 250, "2.1.5", "")]
    [InlineData("550 5.999.999 x\r\n", 550, "5.999.999", "x")]
    [InlineData("550 5.1.1  two\r\n", 550, "5.1.1", " two")]
    [InlineData("250 ok\r\n", 250, "", "ok")]
    [InlineData("250\r\n", 250, "", "")]
    [InlineData("250 \r\n", 250, "", "")]
    [InlineData("354 3.0.0 go\r\n", 354, "", "3.0.0 go")]
    [InlineData("250 5.1.1 wrong class\r\n", 250, "", "5.1.1 wrong class")]
    [InlineData("550 5.1 x\r\n", 550, "", "5.1 x")]
    [InlineData("550 5.1.1000 x\r\n", 550, "", "5.1.1000 x")]
    [InlineData("550 5.1.1x\r\n", 550, "", "5.1.1x")]
    [InlineData("550 5..1 x\r\n", 550, "", "5..1 x")]
    [InlineData("550 5.1. x\r\n", 550, "", "5.1. x")]
    [InlineData("599 x\r\n", 599, "", "x")]
    [InlineData("200 x\r\n", 200, "", "x")]
    public void A_reply_has_a_code_a_status_of_its_class_and_text(string line, int code, string status, string text)
    {
        var reply = Parse(line);
        Assert.Equal(code, reply.Code);
        Assert.Equal(status, reply.Status.ToString());
        Assert.Equal(text, Assert.Single(reply.Lines));
    }

    [Fact]
    public void A_status_repeated_on_every_line_is_taken_off_every_line()
    {
        var reply = Parse("550-5.7.1 one\r\n550-5.7.1 two\r\n550-5.7.2 three\r\n550-four\r\n550 5.7.1\r\n");
        Assert.Equal("5.7.1", reply.Status.ToString());
        Assert.Equal(["one", "two", "5.7.2 three", "four", ""], reply.Lines);
    }

    [Theory]
    [InlineData("550 a\0b\x01" + "c\x7f" + "d\te\r\n", "a?b?c?d e")]
    [InlineData("550 a\rb\r\n", "a?b")]
    [InlineData("550 \xc3\xa9\r\n", "é")]
    [InlineData("550 \xff\xfe\r\n", "\ufffd\ufffd")]
    [InlineData("550 \xc2\x9b" + "31m\r\n", "?31m")]
    [InlineData("550 a\xe2\x80\xae" + "b\xe2\x80\xa8" + "c\r\n", "a?b?c")]
    public void Control_and_format_characters_are_replaced(string line, string text) =>
        Assert.Equal(text, Assert.Single(Parse(line).Lines));

    [Theory]
    [InlineData("250-a\r\n550 b\r\n", ReplyFault.MixedCodes)]
    [InlineData("250-a\r\n251 b\r\n", ReplyFault.MixedCodes)]
    [InlineData("250-a\r\nb\r\n", ReplyFault.Syntax)]
    [InlineData("\r\n", ReplyFault.Syntax)]
    [InlineData("25\r\n", ReplyFault.Syntax)]
    [InlineData("250x\r\n", ReplyFault.Syntax)]
    [InlineData("250\tx\r\n", ReplyFault.Syntax)]
    [InlineData("2500 x\r\n", ReplyFault.Syntax)]
    [InlineData(" 250 x\r\n", ReplyFault.Syntax)]
    [InlineData("199 x\r\n", ReplyFault.Syntax)]
    [InlineData("600 x\r\n", ReplyFault.Syntax)]
    [InlineData("2:0 x\r\n", ReplyFault.Syntax)]
    [InlineData("250 x\n", ReplyFault.BareLineFeed)]
    [InlineData("\n", ReplyFault.BareLineFeed)]
    public void What_is_no_reply_is_malformed(string text, ReplyFault fault) => Assert.Equal(fault, FaultOf(text));

    [Fact]
    public void Each_cap_stops_the_reading()
    {
        var limits = new ReplyLimits(LineMax: 12, LinesMax: 3, OctetsMax: 30);
        Assert.Equal(ReplyFault.LineTooLong, FaultOf("250 123456789", limits));
        Assert.Equal(ReplyFault.LineTooLong, FaultOf("250-ok\r\n250 1234567\r\n", limits));
        Assert.Equal(ReplyFault.TooManyLines, FaultOf("250-\r\n250-\r\n250-\r\n", limits));
        Assert.Equal(ReplyFault.TooLong, FaultOf("250-123456\r\n250-123456\r\n250 1234\r\n", limits));
        var parser = new ReplyParser(limits);
        var fits = Sequence("250-123456\r\n250-1234\r\n250 1\r\n250 123456\r\n");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref fits));
        Assert.Equal(3, parser.LineCount);
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref fits));
        Assert.Equal(1, parser.LineCount);
    }

    [Fact]
    public void Text_over_its_cap_is_cut_and_is_no_fault()
    {
        var parser = new ReplyParser(new ReplyLimits(TextMax: 5));
        var input = Sequence("550-5.1.1 abc\r\n550-5.1.1 defg\r\n550 5.1.1 h\r\n");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal(["abc", "de"], parser.ToReply().Lines);
        input = Sequence("550 abcd\xf0\x9f\x98\x80\r\n");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal(["abcd"], parser.ToReply().Lines);
    }

    [Fact]
    public void Replies_behind_the_first_stay_in_the_input()
    {
        var parser = new ReplyParser();
        var input = Sequence("250-one\r\n250 two\r\n354 go\r\n55");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal(10, input.Length);
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal(354, parser.Code);
        Assert.False(parser.IsPartial);
        Assert.Equal(ReplyParse.NeedInput, parser.Advance(ref input));
        Assert.True(parser.IsPartial);
        Assert.Throws<InvalidOperationException>(parser.ToReply);
        input = Sequence("0 x\r\n");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal("550 x", parser.ToReply().ToString());
    }

    [Fact]
    public void Reset_forgets_a_half_reply_and_a_fault()
    {
        var parser = new ReplyParser();
        var input = Sequence("250-half");
        parser.Advance(ref input);
        parser.Reset();
        input = Sequence("nonsense\r\n");
        Assert.Equal(ReplyParse.Malformed, parser.Advance(ref input));
        parser.Reset();
        input = Sequence("220 anew\r\n");
        Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
        Assert.Equal("220 anew", parser.ToReply().ToString());
    }

    [Fact]
    public void A_default_sequence_is_nothing()
    {
        var parser = new ReplyParser();
        ReadOnlySequence<byte> input = default;
        Assert.Equal(ReplyParse.NeedInput, parser.Advance(ref input));
        Assert.False(parser.IsPartial);
    }
}
