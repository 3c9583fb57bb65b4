using System.Security.Cryptography;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

/// <summary>Alone in its collection: it measures what the whole process allocates.</summary>
[CollectionDefinition(nameof(LargeMessageTests), DisableParallelization = true)]
[Collection(nameof(LargeMessageTests))]
public class LargeMessageTests
{
    private const int Pieces = 50;
    private const int PieceLength = 1024 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fifty_mebibytes_pass_through_without_being_in_memory(bool save)
    {
        using var folder = new TestFolder();
        var settings = TestSinks.OnFreePort with { SaveDirectory = save ? folder.Path : null, LedgerFile = folder.File("ledger") };
        await using var sink = SmtpSink.Start(settings);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        var piece = Piece();
        var wire = StuffedContent.Of(piece)[..^3];
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Pieces; i++)
        {
            await client.SendAsync(wire);
            expected.AppendData(piece);
        }

        (await client.CommandAsync(".")).MustBe(250);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.InRange(allocated, 0, 8 * PieceLength);
        Assert.Equal((long)Pieces * PieceLength, sink.Counters.Bytes);
        if (save)
        {
            await using var saved = File.OpenRead(folder.File("1.eml"));
            Assert.Equal(expected.GetHashAndReset(), await SHA256.HashDataAsync(saved));
        }
    }

    /// <summary>Lines of any octets and of every length from 0 to 998, many with dots in front.</summary>
    private static byte[] Piece()
    {
        var piece = new byte[PieceLength];
        var random = new Random(1);
        var position = 0;
        while (position < piece.Length)
        {
            var left = piece.Length - position - 2;
            var line = piece.AsSpan(position, left <= 998 ? left : Math.Min(random.Next(999), left - 2));
            random.NextBytes(line);
            line.Replace((byte)'\r', (byte)'.');
            line.Replace((byte)'\n', (byte)'.');
            line.Replace((byte)0, (byte)'.');
            if (random.Next(3) == 0)
            {
                line[..Math.Min(line.Length, random.Next(3))].Fill((byte)'.');
            }

            position += line.Length + 2;
            piece[position - 2] = (byte)'\r';
            piece[position - 1] = (byte)'\n';
        }

        return piece;
    }
}
