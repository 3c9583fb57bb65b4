using Relay.Spool.Records;

namespace Relay.Spool.Tests.Records;

public sealed class FormatTests
{
    [Fact]
    public void Checksum_is_the_Castagnoli_one() => Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void Checksum_does_not_depend_on_how_the_bytes_are_cut()
    {
        var bytes = new byte[100];
        new Random(1).NextBytes(bytes);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parts = Crc32C.Append(Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, cut)), bytes.AsSpan(cut));
            Assert.Equal(Crc32C.Of(bytes), Crc32C.End(parts));
        }
    }

    [Fact]
    public void Record_header_is_read_only_under_the_salt_it_was_written_with()
    {
        var header = new RecordHeader(RecordType.Chunk, 7, 9, 1234, 0xABCD, 3);
        var bytes = new byte[RecordHeader.Size];
        header.Write(bytes, Crc32C.Seed(1));

        Assert.True(RecordHeader.TryRead(bytes, Crc32C.Seed(1), out var read));
        Assert.Equal(header, read);
        Assert.False(RecordHeader.TryRead(bytes, Crc32C.Seed(2), out _));
    }

    [Fact]
    public void Batch_header_is_read_only_where_it_was_written()
    {
        var header = new BatchHeader(5, 4096, 80, 2, IsRescue: true);
        var bytes = new byte[BatchHeader.Size];
        header.Write(bytes, 42);

        Assert.True(BatchHeader.TryRead(bytes, 42, 4096, out var read));
        Assert.Equal(header, read);
        Assert.False(BatchHeader.TryRead(bytes, 42, 8192, out _));
        Assert.False(BatchHeader.TryRead(bytes, 43, 4096, out _));
    }

    [Fact]
    public void Every_flipped_bit_of_a_segment_header_is_seen()
    {
        var bytes = new byte[SegmentHeader.Size];
        var header = new SegmentHeader(1, 2, 3, 4, 65536);
        header.Write(bytes);
        Assert.True(SegmentHeader.TryRead(bytes, out var read, out var version));
        Assert.Equal(header, read);
        Assert.Equal(SegmentHeader.Version, version);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SegmentHeader.TryRead(bytes, out _, out _), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(0, 40)]
    [InlineData(1, 48)]
    [InlineData(8, 48)]
    [InlineData(9, 56)]
    public void Record_takes_a_multiple_of_eight_bytes(int payload, int expected) => Assert.Equal(expected, RecordHeader.LengthOf(payload));
}
