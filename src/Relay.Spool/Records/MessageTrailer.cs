using System.Buffers.Binary;

namespace Relay.Spool.Records;

/// <summary>The last bytes of a message record's payload, behind the inline body and the header.</summary>
/// <param name="AcceptedAtMilliseconds">When it was committed, in Unix time.</param>
/// <param name="BodyLength">Octets of the body, inline or in chunks.</param>
/// <param name="Chunks">Chunk records that hold the body; 0 when it is inline.</param>
internal readonly record struct MessageTrailer(long AcceptedAtMilliseconds, long BodyLength, int Chunks)
{
    /// <summary>Bytes of the trailer.</summary>
    public const int Size = 24;

    /// <summary>Writes the trailer.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, AcceptedAtMilliseconds);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], BodyLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Chunks);
    }

    /// <summary>Reads the trailer of a message's payload and checks that the parts add up.</summary>
    /// <param name="payload">The whole payload.</param>
    /// <param name="header">The record's header.</param>
    /// <param name="trailer">The trailer.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, in RecordHeader header, out MessageTrailer trailer)
    {
        trailer = default;
        if (payload.Length < Size || header.Detail > (ulong)(payload.Length - Size))
        {
            return false;
        }

        var source = payload[^Size..];
        var chunks = BinaryPrimitives.ReadInt64LittleEndian(source[16..]);
        var inline = payload.Length - Size - (int)header.Detail;
        trailer = new MessageTrailer(
            BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]), (int)chunks);
        return chunks is >= 0 and <= int.MaxValue && trailer.BodyLength >= 0
            && (chunks == 0 ? trailer.BodyLength == inline : inline == 0);
    }
}

/// <summary>The payload of an end record: where a segment ends.</summary>
/// <param name="SegmentId">The segment.</param>
/// <param name="Offset">Where it ends, in bytes.</param>
internal readonly record struct SegmentEnd(ulong SegmentId, long Offset)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 16;

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, SegmentId);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Offset);
    }

    /// <summary>Reads a payload.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SegmentEnd end)
    {
        end = default;
        if (payload.Length != Size)
        {
            return false;
        }

        end = new SegmentEnd(BinaryPrimitives.ReadUInt64LittleEndian(payload), BinaryPrimitives.ReadInt64LittleEndian(payload[8..]));
        return true;
    }
}
