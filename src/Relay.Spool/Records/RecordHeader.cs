using System.Buffers.Binary;

namespace Relay.Spool.Records;

/// <summary>What a record says. The numbers are the format: never used for anything else.</summary>
internal enum RecordType : byte
{
    /// <summary>An entry: inline body, header, <see cref="MessageTrailer"/>.</summary>
    Message = 1,

    /// <summary>A part of an entry's body that is too large to be inline.</summary>
    Chunk = 2,

    /// <summary>The entry's state, in place of any earlier one.</summary>
    State = 3,

    /// <summary>The entry is removed; the payload is the ids of the segments that hold its message record.</summary>
    Done = 4,

    /// <summary>Where a segment ends: everything in it before this offset counts, nothing from it on (<see cref="SegmentEnd"/>).</summary>
    End = 5,
}

/// <summary>Stands before a record's payload. The payload's checksum is in it, so a salted header vouches for both.</summary>
/// <remarks>The payload's own checksum is not salted: it can be taken before the record's place is known, and kept when the record
/// moves.</remarks>
/// <param name="Type">What the record says.</param>
/// <param name="Owner">With <paramref name="Sequence"/> the entry it is about.</param>
/// <param name="Sequence">The entry, or 0.</param>
/// <param name="Length">Bytes of the payload.</param>
/// <param name="PayloadCrc">CRC-32C of the payload.</param>
/// <param name="Detail">A message's header length, a chunk's index, else 0.</param>
internal readonly record struct RecordHeader(
    RecordType Type, ulong Owner, ulong Sequence, int Length, uint PayloadCrc, ulong Detail)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 40;

    private const byte Mark = (byte)'R';

    /// <summary>The entry the record is about.</summary>
    public EntryId Id => new(Owner, Sequence);

    /// <summary>Bytes that the record takes in a segment: header, payload, and zeros to a multiple of eight.</summary>
    public int RecordLength => LengthOf(Length);

    /// <summary>Bytes that a record with a payload of this length takes.</summary>
    public static int LengthOf(int payload) => (Size + payload + 7) & ~7;

    /// <summary>Writes the header for a segment with this seed.</summary>
    public void Write(Span<byte> target, uint seed)
    {
        target = target[..Size];
        target[4] = Mark;
        target[5] = (byte)Type;
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], PayloadCrc);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Owner);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], Detail);
        BinaryPrimitives.WriteUInt32LittleEndian(target, Crc32C.End(Crc32C.Append(seed, target[4..])));
    }

    /// <summary>Reads a header of a segment with this seed; what is not one is told apart by a few bytes and the salted checksum.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, uint seed, out RecordHeader header)
    {
        header = default;
        if (source.Length < Size || source[4] != Mark
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Crc32C.End(Crc32C.Append(seed, source[4..Size])))
        {
            return false;
        }

        header = new RecordHeader(
            (RecordType)source[5],
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        return header.Length >= 0 && header.Length <= int.MaxValue - Size - 7;
    }
}
