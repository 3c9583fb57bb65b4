using System.Buffers;
using System.Text;
using CsCheck;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

public sealed class DotStufferTests
{
    private static readonly Gen<byte[]> Content = Gen.OneOf(
        Pieces("\r\n", ".", "\r\n.", "\r", "\n", "a", "..", "\r\n.\r\n", "line\r\n", "\0", "é")
            .List[0, 30].Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))),
        Gen.Byte.Array[0, 200]);

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 20].Array[1, 8];

    private static Gen<string> Pieces(params string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]);

    private static byte[] Stuff(byte[] content, params int[] cuts)
    {
        var output = new ArrayBufferWriter<byte>();
        var stuffer = default(DotStuffer);
        for (int i = 0, start = 0; start < content.Length; i++)
        {
            var length = cuts.Length == 0 ? content.Length : Math.Min(cuts[i % cuts.Length], content.Length - start);
            stuffer.Write(content.AsSpan(start, length), output);
            stuffer.Write(default, output);
            start += length;
        }

        stuffer.End(output);
        return output.WrittenSpan.ToArray();
    }

    private static string Stuff(string content) => Encoding.Latin1.GetString(Stuff(Encoding.Latin1.GetBytes(content)));

    /// <summary>What RFC 5321 section 4.5.2 says a receiver does, written line by line and slowly.</summary>
    private static byte[] UnstuffNaively(byte[] stuffed)
    {
        var text = Encoding.Latin1.GetString(stuffed);
        var content = new StringBuilder();
        while (true)
        {
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            Assert.True(end >= 0, "no end of data");
            var line = text[..end];
            text = text[(end + 2)..];
            if (line == ".")
            {
                Assert.Equal(string.Empty, text);
                return Encoding.Latin1.GetBytes(content.ToString());
            }

            content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }
    }

    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("\r\n", "\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("..\r\n", "...\r\n.\r\n")]
    [InlineData("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\n.b\r\n.c", "a\r\n..b\r\n..c\r\n.\r\n")]
    [InlineData("a\r\n\r\n.\r\n", "a\r\n\r\n..\r\n.\r\n")]
    [InlineData("a.\r\n", "a.\r\n.\r\n")]
    [InlineData("a\n.b", "a\n.b\r\n.\r\n")]
    [InlineData("a\r.b", "a\r.b\r\n.\r\n")]
    [InlineData("a\n", "a\n\r\n.\r\n")]
    [InlineData("a\r", "a\r\r\n.\r\n")]
    [InlineData("\r\r\n.", "\r\r\n..\r\n.\r\n")]
    public void A_dot_at_the_start_of_a_line_is_doubled_and_nothing_else_is_touched(string content, string stuffed) =>
        Assert.Equal(stuffed, Stuff(content));

    [Fact]
    public void Unstuffing_what_was_stuffed_gives_the_content_back() =>
        Content.Sample(
            content =>
            {
                var isWhole = content.Length == 0 || content.AsSpan().EndsWith("\r\n"u8);
                var expected = isWhole ? content : [.. content, .. "\r\n"u8];
                Assert.Equal(expected, UnstuffNaively(Stuff(content)));
            },
            iter: 20_000);

    [Fact]
    public void Any_split_gives_the_same_octets() =>
        Gen.Select(Content, Cuts).Sample((content, cuts) => Assert.Equal(Stuff(content), Stuff(content, cuts)), iter: 20_000);

    [Fact]
    public void Byte_by_byte_gives_the_same_octets() =>
        Content.Sample(content => Assert.Equal(Stuff(content), Stuff(content, 1)), iter: 20_000);

    [Fact]
    public void A_second_message_starts_at_a_line()
    {
        var output = new ArrayBufferWriter<byte>();
        var stuffer = default(DotStuffer);
        stuffer.Write("a"u8, output);
        stuffer.End(output);
        stuffer.Write("."u8, output);
        stuffer.End(output);
        Assert.Equal("a\r\n.\r\n..\r\n.\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
    }
}
