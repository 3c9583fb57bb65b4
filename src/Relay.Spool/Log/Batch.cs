using System.Buffers.Binary;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>What is to be done with the index once a record is durable.</summary>
internal enum BatchAction
{
    /// <summary>The entry of a writer comes to life.</summary>
    AddEntry,

    /// <summary>A writer's chunk has a place.</summary>
    AddChunk,

    /// <summary>The entry's state has a place.</summary>
    SetState,

    /// <summary>The entry is gone.</summary>
    Remove,

    /// <summary>The message record stands at another place.</summary>
    MoveMessage,

    /// <summary>A chunk stands at another place.</summary>
    MoveChunk,

    /// <summary>The state stands at another place.</summary>
    MoveState,

    /// <summary>A removal is kept for the segments it names.</summary>
    KeepDone,

    /// <summary>A segment's end is known.</summary>
    EndSegment,
}

/// <summary>One record of a batch and what follows from it.</summary>
/// <param name="Action">What follows.</param>
/// <param name="Subject">The writer, entry or segment.</param>
/// <param name="Place">Where the record stands.</param>
/// <param name="Index">A chunk's index.</param>
/// <param name="Extra">The state bytes, or the segment ids of a removal.</param>
internal readonly record struct BatchItem(BatchAction Action, object? Subject, RecordPlace Place, int Index = 0, object? Extra = null);

/// <summary>One batch in the making: its bytes as they will stand in the segment, and its consequences.</summary>
internal sealed class Batch
{
    private const int DonePayloadStackMax = 256;

    private readonly ulong _owner;
    private readonly byte[] _bytes;
    private Segment? _segment;
    private int _length;
    private int _limit;
    private bool _isRescue;

    /// <summary>Makes one for a spool; it is used again and again.</summary>
    public Batch(ulong owner, int bytesMax)
    {
        _owner = owner;
        _bytes = GC.AllocateUninitializedArray<byte>(bytesMax);
    }

    /// <summary>The records so far.</summary>
    public List<BatchItem> Items { get; } = [];

    /// <summary>Where in the segment the batch begins.</summary>
    public int Start { get; private set; }

    /// <summary>Whether it holds no record.</summary>
    public bool IsEmpty => Items.Count == 0;

    /// <summary>Bytes left.</summary>
    public int Room => _limit - _length;

    /// <summary>Starts over at the end of a segment.</summary>
    public void Begin(Segment segment, bool isRescue = false)
    {
        Items.Clear();
        _segment = segment;
        Start = segment.End;
        _length = BatchHeader.Size;
        _limit = Math.Min(segment.Room, _bytes.Length);
        _isRescue = isRescue;
    }

    /// <summary>Writes the batch's header.</summary>
    /// <returns>All bytes of the batch.</returns>
    public ReadOnlySpan<byte> Finish(ulong number)
    {
        var header = new BatchHeader(number, Start, _length - BatchHeader.Size, Items.Count, _isRescue);
        header.Write(_bytes, _segment!.Seed);
        return _bytes.AsSpan(0, _length);
    }

    /// <summary>Adds an entry: inline body, header, trailer.</summary>
    public void AddMessage(SpoolWriter writer, BodyBlocks body, ReadOnlySpan<byte> header, in MessageTrailer trailer, uint crc)
    {
        var length = body.Length + header.Length + MessageTrailer.Size;
        var payload = Add(RecordType.Message, writer.Id.Sequence, length, crc, (ulong)header.Length, out var place);
        body.CopyTo(payload);
        header.CopyTo(payload[body.Length..]);
        trailer.Write(payload[(body.Length + header.Length)..]);
        Items.Add(new BatchItem(BatchAction.AddEntry, writer, place));
    }

    /// <summary>Adds a part of a large body.</summary>
    public void AddChunk(SpoolWriter writer, int index, BodyBlocks body, uint crc)
    {
        var payload = Add(RecordType.Chunk, writer.Id.Sequence, body.Length, crc, (ulong)index, out var place);
        body.CopyTo(payload);
        Items.Add(new BatchItem(BatchAction.AddChunk, writer, place, index));
    }

    /// <summary>Adds an entry's state.</summary>
    public void AddState(Entry entry, byte[] state)
    {
        var payload = Add(RecordType.State, entry.Sequence, state.Length, Crc32C.Of(state), 0, out var place);
        state.CopyTo(payload);
        Items.Add(new BatchItem(BatchAction.SetState, entry, place, Extra: state));
    }

    /// <summary>Adds a removal.</summary>
    /// <param name="entry">The entry, or null when only an earlier removal is kept.</param>
    /// <param name="sequence">The entry's id.</param>
    /// <param name="segmentIds">The segments that hold a copy of its message record.</param>
    public void AddDone(Entry? entry, ulong sequence, ulong[] segmentIds)
    {
        var length = segmentIds.Length * sizeof(ulong);
        var ids = length <= DonePayloadStackMax ? stackalloc byte[length] : new byte[length];
        for (var index = 0; index < segmentIds.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(ids[(index * sizeof(ulong))..], segmentIds[index]);
        }

        ids.CopyTo(Add(RecordType.Done, sequence, ids.Length, Crc32C.Of(ids), 0, out var place));
        Items.Add(new BatchItem(entry is null ? BatchAction.KeepDone : BatchAction.Remove, entry, place, Extra: segmentIds));
    }

    /// <summary>Adds where a segment ends.</summary>
    public void AddEnd(Segment segment, long offset)
    {
        Span<byte> bytes = stackalloc byte[SegmentEnd.Size];
        new SegmentEnd(segment.Id, offset).Write(bytes);
        bytes.CopyTo(Add(RecordType.End, 0, bytes.Length, Crc32C.Of(bytes), 0, out var place));
        Items.Add(new BatchItem(BatchAction.EndSegment, segment, place));
    }

    /// <summary>Copies a record as it stands in another segment.</summary>
    /// <returns>False when it is not whole there; nothing is added then.</returns>
    public bool TryCopy(RecordPlace source, BatchAction action, Entry entry, int index = 0)
    {
        var target = _bytes.AsSpan(_length, source.Length);
        var read = source.Segment!.File.Read(source.Offset, target);
        if (!RecordHeader.TryRead(target[..read], source.Segment.Seed, out var header)
            || header.RecordLength != source.Length
            || read < RecordHeader.Size + header.Length
            || Crc32C.Of(target.Slice(RecordHeader.Size, header.Length)) != header.PayloadCrc)
        {
            return false;
        }

        target[(RecordHeader.Size + header.Length)..].Clear();
        header.Write(target, _segment!.Seed);
        Items.Add(new BatchItem(action, entry, new RecordPlace(_segment, Start + _length, source.Length), index));
        _length += source.Length;
        return true;
    }

    private Span<byte> Add(RecordType type, ulong sequence, int length, uint crc, ulong detail, out RecordPlace place)
    {
        var header = new RecordHeader(type, _owner, sequence, length, crc, detail);
        var record = _bytes.AsSpan(_length, header.RecordLength);
        header.Write(record, _segment!.Seed);
        record[(RecordHeader.Size + length)..].Clear();
        place = new RecordPlace(_segment, Start + _length, header.RecordLength);
        _length += header.RecordLength;
        return record.Slice(RecordHeader.Size, length);
    }
}
