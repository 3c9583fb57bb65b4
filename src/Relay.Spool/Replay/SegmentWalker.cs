using Relay.Spool.Records;

namespace Relay.Spool.Replay;

/// <summary>What a walker stands on.</summary>
internal enum WalkerItem
{
    /// <summary>The head of a batch.</summary>
    Batch,

    /// <summary>A record with a valid header; whether its payload is whole is a second question.</summary>
    Record,

    /// <summary>Bytes that are neither: damage, or space not written yet.</summary>
    Gap,
}

/// <summary>Walks over the bytes of a segment and finds everything in them that proves itself, whatever lies between.</summary>
internal ref struct SegmentWalker
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly uint _seed;
    private readonly int _limit;
    private int _next;

    /// <summary>Walks from an offset to a limit.</summary>
    /// <param name="bytes">The file from its first byte.</param>
    /// <param name="seed">The segment's seed.</param>
    /// <param name="start">Where to begin, a multiple of eight.</param>
    /// <param name="limit">Where to end.</param>
    public SegmentWalker(ReadOnlySpan<byte> bytes, uint seed, int start, int limit)
    {
        _bytes = bytes;
        _seed = seed;
        _next = start;
        _limit = Math.Min(limit, bytes.Length);
    }

    /// <summary>What was found.</summary>
    public WalkerItem Item { get; private set; }

    /// <summary>Where it begins.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes it takes; a batch's are those of its header.</summary>
    public readonly int Length => _next - Offset;

    /// <summary>The batch's header.</summary>
    public BatchHeader Batch { get; private set; }

    /// <summary>The record's header.</summary>
    public RecordHeader Record { get; private set; }

    /// <summary>The record's payload, as far as it lies within the limit.</summary>
    public readonly ReadOnlySpan<byte> Payload =>
        _bytes[(Offset + RecordHeader.Size)..(int)Math.Min(_limit, Offset + (long)RecordHeader.Size + Record.Length)];

    /// <summary>Whether the record's payload is all there and matches its checksum.</summary>
    public readonly bool IsPayloadWhole
    {
        get
        {
            var payload = Payload;
            return payload.Length == Record.Length && Crc32C.Of(payload) == Record.PayloadCrc;
        }
    }

    /// <summary>Moves to the next item.</summary>
    /// <returns>False at the limit.</returns>
    public bool Next()
    {
        if (_next >= _limit)
        {
            return false;
        }

        Offset = _next;
        if (TryItem(_next))
        {
            return true;
        }

        Item = WalkerItem.Gap;
        do
        {
            _next += 8;
        }
        while (_next < _limit && !IsItem(_next));
        _next = Math.Min(_next, _limit);
        return true;
    }

    private bool TryItem(int offset)
    {
        var rest = _bytes[offset.._limit];
        if (BatchHeader.TryRead(rest, _seed, offset, out var batch))
        {
            Item = WalkerItem.Batch;
            Batch = batch;
            _next = offset + BatchHeader.Size;
            return true;
        }

        if (RecordHeader.TryRead(rest, _seed, out var record))
        {
            Item = WalkerItem.Record;
            Record = record;
            _next = (int)Math.Min(_limit, offset + (long)record.RecordLength);
            return true;
        }

        return false;
    }

    private readonly bool IsItem(int offset)
    {
        var rest = _bytes[offset.._limit];
        return BatchHeader.TryRead(rest, _seed, offset, out _) || RecordHeader.TryRead(rest, _seed, out _);
    }
}
