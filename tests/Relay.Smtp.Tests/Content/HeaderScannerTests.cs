using System.Text;
using CsCheck;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

public sealed class HeaderScannerTests
{
    [Theory]
    [InlineData("", 0, 0, 0, false)]
    [InlineData("A: 1\r\n", 6, 1, 0, false)]
    [InlineData("A: 1\r\n\r\nB: 2\r\n", 6, 1, 0, true)]
    [InlineData("A: 1\r\n B: 2\r\n\tC: 3\r\nD:\r\n\r\n", 24, 2, 0, true)]
    [InlineData("\r\nReceived: x\r\n", 0, 0, 0, true)]
    [InlineData("Received: a\r\nRECEIVED:b\r\nreceived : c\r\n\r\nReceived: d\r\n", 39, 3, 3, true)]
    [InlineData("Received-SPF: a\r\nX-Received: b\r\nReceive: c\r\nReceivedd: d\r\n\r\n", 58, 4, 0, true)]
    [InlineData("Subject: Received: a\r\n Received: b\r\n\r\n", 36, 1, 0, true)]
    [InlineData("Just a text\r\nA: 1\r\n", 5, 0, 0, true)]
    [InlineData(": no name\r\nA: 1\r\n", 0, 0, 0, true)]
    [InlineData(" blank first\r\nA: 1\r\n", 0, 0, 0, true)]
    [InlineData("A: 1\r\nno field\r\nB: 2\r\n", 9, 1, 0, true)]
    public void Fields_and_hops_are_counted_up_to_the_body(string content, int octets, int fields, int hops, bool isDone)
    {
        var scanner = default(HeaderScanner);
        scanner.Scan(Encoding.ASCII.GetBytes(content));
        Assert.Equal((octets, fields, hops, isDone), (scanner.Octets, scanner.Fields, scanner.Hops, scanner.IsDone));
    }

    [Fact]
    public void Counts_do_not_depend_on_how_the_content_is_split() =>
        Gen.Select(
            Pick("Received: x\r\n", "A", ": ", "\r\n", " ", "\t", "b", "RECEIVED:", "é").Array[0, 20],
            Gen.Int[1, 9].Array[1, 10]).Sample(
            (parts, splits) =>
            {
                var content = Encoding.Latin1.GetBytes(string.Concat(parts));
                var whole = default(HeaderScanner);
                whole.Scan(content);
                var pieces = default(HeaderScanner);
                for (int at = 0, turn = 0; at < content.Length; turn++)
                {
                    var length = Math.Min(splits[turn % splits.Length], content.Length - at);
                    pieces.Scan(content.AsSpan(at, length));
                    at += length;
                }

                Assert.Equal(
                    (whole.Octets, whole.Fields, whole.Hops, whole.IsDone), (pieces.Octets, pieces.Fields, pieces.Hops, pieces.IsDone));
            },
            iter: 10_000);

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
