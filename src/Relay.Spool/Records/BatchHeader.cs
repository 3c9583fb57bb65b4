using System.Buffers.Binary;

namespace Relay.Spool.Records;

/// <summary>Stands before the records that were written and synced together.</summary>
/// <param name="Number">Counts the batches of the log, up only.</param>
/// <param name="Offset">Where in the segment this header stands, in bytes.</param>
/// <param name="Length">Bytes of the records that follow, a multiple of eight.</param>
/// <param name="Records">How many they are.</param>
/// <param name="IsRescue">The batch repeats what an unproven tail held; the log was being opened.</param>
internal readonly record struct BatchHeader(ulong Number, long Offset, int Length, int Records, bool IsRescue)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 32;

    private const byte Mark = (byte)'B';

    /// <summary>Writes the header for a segment with this seed.</summary>
    public void Write(Span<byte> target, uint seed)
    {
        target = target[..Size];
        target.Clear();
        target[4] = Mark;
        target[5] = IsRescue ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], checked((ushort)Records));
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Crc32C.End(Crc32C.Append(seed, target[4..])));
    }

    /// <summary>Reads a header that was written at this offset of a segment with this seed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, uint seed, long offset, out BatchHeader header)
    {
        header = default;
        if (source.Length < Size || source[4] != Mark
            || BinaryPrimitives.ReadInt64LittleEndian(source[24..]) != offset
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Crc32C.End(Crc32C.Append(seed, source[4..Size])))
        {
            return false;
        }

        header = new BatchHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            offset,
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            source[5] == 1);
        return header.Length >= 0;
    }
}
