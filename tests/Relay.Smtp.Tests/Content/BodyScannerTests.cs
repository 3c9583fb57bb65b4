using System.Text;
using CsCheck;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

public sealed class BodyScannerTests
{
    private const int LineMax = 12;

    private static readonly Gen<byte[]> Soup = Gen.OneOf(
        Gen.Char["\r\n.\0a"].Array[0, 40].Select(chars => Encoding.ASCII.GetBytes(chars)),
        Pick("\r\n", ".", "..", "a", "bcd", "\r", "\n", "\0", "12345678", "\r\n.\r\n", "\x7f").Array[0, 30]
            .Select(parts => Encoding.ASCII.GetBytes(string.Concat(parts))));

    [Fact]
    public void Un_stuffing_equals_the_naive_reference_on_any_split() =>
        Gen.Select(Soup, Gen.Int[1, 7].Array[1, 20]).Sample(
            (data, splits) =>
            {
                var expected = NaiveBody.Read(data, LineMax);
                var actual = Scan(data, splits, hasDots: true);
                Assert.Equal(expected.IsEnded, actual.IsEnded);
                Assert.Equal(expected.Fault, actual.Fault);
                if (expected.IsEnded)
                {
                    Assert.Equal(expected.Consumed, actual.Consumed);
                }

                // What is bad is never kept, so a held-back CR that turned out bare may be missing from it.
                if (expected.Fault != BodyFault.BadOctet)
                {
                    Assert.Equal(expected.Content, actual.Content);
                }
            },
            iter: 50_000);

    [Fact]
    public void A_chunk_is_content_as_it_is_on_any_split() =>
        Gen.Select(Soup, Gen.Int[1, 7].Array[1, 20]).Sample(
            (data, splits) =>
            {
                var actual = Scan(data, splits, hasDots: false);
                Assert.False(actual.IsEnded);
                Assert.Equal(data, actual.Content);
                Assert.Equal(NaiveBody.FaultOf(data, LineMax), actual.Fault);
            },
            iter: 20_000);

    [Fact]
    public void Stuffed_content_comes_back_as_it_was() =>
        Pick("", ".", "..", "a", ".a", "a.", "\t", "\x80", " ").Array[0, 20].Sample(
            lines =>
            {
                var content = Encoding.Latin1.GetBytes(string.Concat(lines.Select(line => line + "\r\n")));
                var stuffed = string.Concat(lines.Select(line => (line.StartsWith('.') ? "." : string.Empty) + line + "\r\n"));
                var actual = Scan(Encoding.Latin1.GetBytes(stuffed + ".\r\n"), [3], hasDots: true);
                Assert.True(actual.IsEnded);
                Assert.Equal(BodyFault.None, actual.Fault);
                Assert.Equal(content, actual.Content);
            },
            iter: 5_000);

    [Fact]
    public void A_good_message_is_handed_out_in_one_piece()
    {
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a line of text\r\n", 100)));
        var scanner = new BodyScanner(998, hasDots: true);
        Assert.False(scanner.Scan(block, out var start, out var length, out var consumed));
        Assert.Equal((0, block.Length, block.Length), (start, length, consumed));
    }

    [Fact]
    public void An_endless_line_does_not_overflow_the_count()
    {
        var scanner = new BodyScanner(998, hasDots: true);
        var block = new byte[1 << 20];
        block.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 4100; i++)
        {
            scanner.Scan(block, out _, out _, out var consumed);
            Assert.Equal(block.Length, consumed);
        }

        Assert.Equal(BodyFault.LongLine, scanner.Fault);
    }

    private static (byte[] Content, bool IsEnded, int Consumed, BodyFault Fault) Scan(byte[] data, int[] splits, bool hasDots)
    {
        var scanner = new BodyScanner(LineMax, hasDots);
        var content = new List<byte>();
        var at = 0;
        for (var turn = 0; at < data.Length; turn++)
        {
            var block = data.AsSpan(at, Math.Min(splits[turn % splits.Length], data.Length - at));
            while (!block.IsEmpty)
            {
                var isEnd = scanner.Scan(block, out var start, out var length, out var consumed);
                Assert.True(consumed > 0, "the scanner must go on");
                content.AddRange(block.Slice(start, length));
                at += consumed;
                block = block[consumed..];
                if (isEnd)
                {
                    return ([.. content], true, at, scanner.Fault);
                }
            }
        }

        if (!hasDots)
        {
            scanner.EndChunks();
        }

        return ([.. content], false, at, scanner.Fault);
    }

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
