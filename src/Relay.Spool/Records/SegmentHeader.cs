using System.Buffers.Binary;

namespace Relay.Spool.Records;

/// <summary>What a segment file says of itself. Two copies: one in the first page, one in the last 512 bytes.</summary>
/// <param name="Owner">The spool the segment belongs to.</param>
/// <param name="Epoch">The spool's incarnation that made the segment: one more at each opening.</param>
/// <param name="SegmentId">Position in the log; never used twice.</param>
/// <param name="Salt">Random; starts the checksum of every header in the segment, so that bytes of its earlier life never pass.</param>
/// <param name="Length">Length of the file in bytes.</param>
internal readonly record struct SegmentHeader(ulong Owner, ulong Epoch, ulong SegmentId, ulong Salt, long Length)
{
    /// <summary>The only format this version reads and writes.</summary>
    public const uint Version = 1;

    /// <summary>Bytes of one copy.</summary>
    public const int Size = 512;

    /// <summary>Where the records begin: behind the first page.</summary>
    public const int DataStart = 4096;

    private const ulong Magic = 0x31_47_45_53_59_4C_52_FF; // FF "RLYSEG1"

    /// <summary>Writes one copy.</summary>
    public void Write(Span<byte> target)
    {
        target = target[..Size];
        target.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Owner);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], SegmentId);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Crc32C.Of(target[12..]));
    }

    /// <summary>Reads one copy.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes, else nothing is read.</param>
    /// <param name="header">The header when the copy is whole.</param>
    /// <param name="version">Its format version, also when that is one we cannot read.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header, out uint version)
    {
        header = default;
        version = 0;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) != Crc32C.Of(source[12..Size]))
        {
            return false;
        }

        version = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]));
        return true;
    }
}
