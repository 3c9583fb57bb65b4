using Relay.Spool.Disks;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>One segment file and what is known of its use. Guarded by the log's gate, but for the file itself.</summary>
internal sealed class Segment
{
    /// <summary>Describes a segment file.</summary>
    public Segment(string name, SegmentHeader header, IDiskFile file)
    {
        Name = name;
        Header = header;
        File = file;
        Seed = Crc32C.Seed(header.Salt);
    }

    /// <summary>File name without folder; another one while it is being recycled.</summary>
    public string Name { get; set; }

    /// <summary>What the file says of itself.</summary>
    public SegmentHeader Header { get; }

    /// <summary>Position in the log.</summary>
    public ulong Id => Header.SegmentId;

    /// <summary>Where every header's checksum starts.</summary>
    public uint Seed { get; }

    /// <summary>The open file.</summary>
    public IDiskFile File { get; }

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => File.Length;

    /// <summary>Where the next batch goes, in bytes; in a sealed segment, where it ends.</summary>
    public int End { get; set; } = SegmentHeader.DataStart;

    /// <summary>Bytes left for batches.</summary>
    public int Room => (int)(Header.Length - SegmentHeader.Size) - End;

    /// <summary>Records of live entries.</summary>
    public int LiveRecords { get; set; }

    /// <summary>Bytes of records of live entries.</summary>
    public long LiveBytes { get; set; }

    /// <summary>Chunks of entries that are still being written: they have no index entry that could be moved.</summary>
    public int OpenChunks { get; set; }

    /// <summary>Readers that need the file.</summary>
    public int Pins { get; set; }

    /// <summary>For each other segment that still exists: how many records here (removals, ends) a replay of it would need.</summary>
    public Dictionary<ulong, int> Needs { get; } = [];

    /// <summary>The segment that holds this one's end record.</summary>
    public Segment? EndHolder { get; set; }

    /// <summary>Nothing is appended any more.</summary>
    public bool IsSealed { get; set; }

    /// <summary>A write or sync failed: the file is not used again.</summary>
    public bool IsFaulted { get; set; }

    /// <summary>Bytes that could not be saved elsewhere are damaged: the file is kept for a person to look at.</summary>
    public bool IsKept { get; set; }

    /// <summary>When it was sealed, by the monotonic clock.</summary>
    public long SealedAt { get; set; }

    /// <summary>Nothing in it would be missed.</summary>
    public bool IsDead => IsSealed && !IsKept && LiveRecords == 0 && OpenChunks == 0 && Pins == 0 && Needs.Count == 0;

    /// <summary>Counts a live record.</summary>
    public void AddLive(int bytes)
    {
        LiveRecords++;
        LiveBytes += bytes;
    }

    /// <summary>Counts a record that is not live any more.</summary>
    public void RemoveLive(int bytes)
    {
        LiveRecords--;
        LiveBytes -= bytes;
    }

    /// <summary>Notes that a record here is needed while the other segment exists.</summary>
    public void AddNeed(ulong segmentId)
    {
        if (segmentId != Id)
        {
            Needs[segmentId] = Needs.GetValueOrDefault(segmentId) + 1;
        }
    }

    /// <summary>Notes that another record took over.</summary>
    public void RemoveNeed(ulong segmentId)
    {
        if (Needs.TryGetValue(segmentId, out var count))
        {
            if (count == 1)
            {
                Needs.Remove(segmentId);
            }
            else
            {
                Needs[segmentId] = count - 1;
            }
        }
    }
}

/// <summary>Where a record stands; the length is that of header, payload and padding.</summary>
internal readonly record struct RecordPlace(Segment? Segment, int Offset, int Length)
{
    /// <summary>Whether this is exactly that place.</summary>
    public bool Is(Segment segment, int offset) => ReferenceEquals(Segment, segment) && Offset == offset;
}
