using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>A writer whose fate is decided, and the error if it is a bad one.</summary>
internal readonly record struct Completion(SpoolWriter Writer, Exception? Error);

/// <summary>Body octets that wait for their batch; <paramref name="Chunk"/> is -1 when they complete the entry.</summary>
internal readonly record struct QueuedAppend(SpoolWriter Writer, BodyBlocks Body, int Chunk, uint Crc)
{
    /// <summary>Whether it is part of a body that is written in chunks, or completes one.</summary>
    public bool IsOfLargeBody => Chunk >= 0 || Writer.IsInChunks;

    /// <summary>Bytes of the record.</summary>
    public int RecordLength =>
        RecordHeader.LengthOf(Chunk >= 0 ? Body.Length : Body.Length + Writer.Header.Length + MessageTrailer.Size);
}

/// <summary>How far into the quota a new segment may reach.</summary>
internal enum SegmentPurpose
{
    /// <summary>New entries leave the whole reserve.</summary>
    Entries,

    /// <summary>Removals and states leave room for compaction.</summary>
    Controls,

    /// <summary>Compaction leaves one segment for the next opening.</summary>
    Compaction,

    /// <summary>An opening takes what there is.</summary>
    Opening,
}
