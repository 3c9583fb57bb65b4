using System.Buffers;
using System.Text;
using CsCheck;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Tests.Replies;

public sealed class ReplyParserProperties
{
    private static readonly ReplyLimits Limits = new(LineMax: 40, LinesMax: 4, OctetsMax: 100, TextMax: 30);

    private static readonly Gen<string> Piece = Gen.OneOf(
        Pieces("250 ", "250-", "550 5.1.1 ", "550-", "\r\n", "\n", "\r", "\0", "2", "5.", "x", "é", "2.0.0", "354", "ok\r\n250 "),
        Gen.Char[' ', '~'].Array[0, 50].Select(characters => new string(characters)));

    private static readonly Gen<byte[]> Hostile = Gen.OneOf(
        Piece.List[0, 25].Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))),
        Gen.Byte.Array[0, 300]);

    private static readonly Gen<int[]> Cuts = Gen.Int[1, 30].Array[1, 10];

    [Fact]
    public void Any_octets_at_any_split_give_the_same_replies_within_the_caps() =>
        Gen.Select(Hostile, Cuts).Sample(
            (octets, cuts) =>
            {
                var whole = Read(new ReadOnlySequence<byte>(octets));
                var pieces = new List<string>();
                var parser = new ReplyParser(Limits);
                var start = 0;
                for (var i = 0; start < octets.Length; i++)
                {
                    var length = Math.Min(cuts[i % cuts.Length], octets.Length - start);
                    Read(parser, new ReadOnlySequence<byte>(octets, start, length), pieces);
                    start += length;
                }

                pieces.Add(End(parser));
                Assert.Equal(whole, pieces);
                Assert.Equal(whole, Read(Segments.Of(octets, cuts)));
            },
            iter: 20_000);

    [Fact]
    public void A_reply_that_is_written_is_read_again() =>
        Gen.Select(
            Gen.Int[200, 599],
            Gen.Char[' ', '~'].Array[0, 30].Select(characters => new string(characters)).List[1, 4]).Sample(
            (code, lines) =>
            {
                var text = string.Concat(lines.Select((line, i) => $"{code}{(i == lines.Count - 1 ? ' ' : '-')}{line}\r\n"));
                var parser = new ReplyParser(new ReplyLimits());
                var input = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
                Assert.Equal(ReplyParse.Complete, parser.Advance(ref input));
                var reply = parser.ToReply();
                Assert.Equal(code, reply.Code);
                if (reply.Status.IsNone)
                {
                    Assert.Equal(lines, reply.Lines);
                }
            });

    private static Gen<string> Pieces(params string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]);

    private static List<string> Read(ReadOnlySequence<byte> input)
    {
        var parser = new ReplyParser(Limits);
        var found = new List<string>();
        Read(parser, input, found);
        found.Add(End(parser));
        return found;
    }

    private static void Read(ReplyParser parser, ReadOnlySequence<byte> input, List<string> found)
    {
        while (!input.IsEmpty)
        {
            var result = parser.Advance(ref input);
            Assert.InRange(parser.BufferedOctets, 0, Limits.OctetsMax);
            if (result != ReplyParse.Complete)
            {
                Assert.True(input.IsEmpty);
                return;
            }

            var reply = parser.ToReply();
            Assert.InRange(reply.Lines.Count, 1, Limits.LinesMax);
            Assert.InRange(reply.Lines.Sum(line => line.Length), 0, Limits.TextMax);
            Assert.DoesNotContain(reply.Lines, line => line.Any(char.IsControl));
            found.Add($"{parser.LineCount} {reply}");
        }
    }

    private static string End(ReplyParser parser) => $"{parser.Fault} {(parser.Fault == ReplyFault.None ? parser.BufferedOctets : 0)}";
}
