using Relay.Spool.Disks;
using Relay.Spool.Log;
using Relay.Spool.Records;

namespace Relay.Spool;

/// <summary>Where a spool lives and every limit it keeps. All sizes are bytes.</summary>
public sealed record SpoolSettings
{
    /// <summary>Smallest segment that is derived from a quota: 4 MiB.</summary>
    public const long DerivedSegmentBytesMin = 4L << 20;

    /// <summary>Largest segment that is derived from a quota: 64 MiB.</summary>
    public const long DerivedSegmentBytesMax = 64L << 20;

    /// <summary>Fewest segments a quota must hold: the reserve, and room to work in.</summary>
    public const int QuotaSegmentsMin = 10;

    /// <summary>The spool's folder; made when it does not exist.</summary>
    public required string Directory { get; init; }

    /// <summary>All files of the folder together never exceed this. Default 20 GiB.</summary>
    public long QuotaBytes { get; init; } = 20L << 30;

    /// <summary>Size of a segment file; 0, the default, derives it: quota / 64, between 4 MiB and 64 MiB.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Largest batch that is written and synced at once. Default 4 MiB.</summary>
    public int BatchBytesMax { get; init; } = 4 << 20;

    /// <summary>About as many bytes of large bodies at most are in one batch, so that small mail does not wait for them. Default 1 MiB.</summary>
    public int BatchChunkBytesMax { get; init; } = 1 << 20;

    /// <summary>Most records in one batch. Default 1024.</summary>
    public int BatchRecordsMax { get; init; } = 1024;

    /// <summary>Size of a chunk record of a large body. Default 256 KiB.</summary>
    public int ChunkBytes { get; init; } = 256 << 10;

    /// <summary>A larger body is written in chunks while it arrives. Default 1 MiB.</summary>
    public int InlineBodyMax { get; init; } = 1 << 20;

    /// <summary>Largest header of an entry. Default 1 MiB: 1000 recipients with all their parameters.</summary>
    public int HeaderBytesMax { get; init; } = 1 << 20;

    /// <summary>Largest state that <see cref="SpoolStore.SaveState"/> takes. Default 256 KiB: 5,000 recipients with 64 different replies.</summary>
    public int StateBytesMax { get; init; } = 256 << 10;

    /// <summary>Memory for bodies that are not written yet; writers wait while it is used up. Default 32 MiB.</summary>
    public long PendingBytesMax { get; init; } = 32L << 20;

    /// <summary>Segments kept from entries so that removals, states and compaction always find room. Default 4.</summary>
    public int ReserveSegments { get; init; } = 4;

    /// <summary>Removals and states wait at most this long for a batch to ride with. Default 50 ms.</summary>
    public TimeSpan RideAlongDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Time between attempts to open a segment while the disk fails. Default 1 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A sparse segment is left alone for this long, for its entries may soon be removed anyway; an emptier one shorter, and one of a log that is five eighths full hardly at all. Default 60 s.</summary>
    public TimeSpan CompactionAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The segment size in force: <see cref="SegmentBytes"/>, or derived from the quota.</summary>
    public long EffectiveSegmentBytes =>
        SegmentBytes > 0 ? SegmentBytes : SegmentBytesFor(QuotaBytes);

    /// <summary>What entries can take in all: the quota without the reserve and what is set aside for other files.</summary>
    public long EntryBytesMax => ((QuotaBytes / EffectiveSegmentBytes) - 1 - ReserveSegments) * EffectiveSegmentBytes;

    /// <summary>The quota of a spool whose disk may have less: what the folder has plus what is free. But no less than a spool needs to work with what
    /// it has: on a full disk it takes nothing until there is room, which each write finds out by itself, and lets its mail leave.</summary>
    /// <param name="wanted">The quota that is wished for.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="directory">The spool's folder; it need not exist yet.</param>
    public static long QuotaBytesFor(long wanted, IDisk disk, string directory)
    {
        ArgumentNullException.ThrowIfNull(disk);
        var used = disk.UsedBytes(directory);
        var segment = SegmentBytesFor(wanted);
        // The identity and the quarantine, and segments to be opened.
        var least = Math.Max(QuotaSegmentsMin * DerivedSegmentBytesMin, used + (3 * segment));
        return Math.Min(wanted, Math.Max(used + disk.FreeBytes(directory), least));
    }

    /// <summary>Refuses settings that contradict each other.</summary>
    /// <exception cref="ArgumentException">With the setting's name.</exception>
    internal void Validate()
    {
        var segment = EffectiveSegmentBytes;
        Require(!string.IsNullOrWhiteSpace(Directory), nameof(Directory), "names no folder");
        Require(
            segment is >= 16 << 10 and <= 1 << 30 && segment % 4096 == 0, nameof(SegmentBytes), "is not 16 KiB to 1 GiB in pages of 4 KiB");
        Require(
            QuotaBytes >= segment * QuotaSegmentsMin, nameof(QuotaBytes), $"holds fewer than {QuotaSegmentsMin} segments of {segment} bytes");
        Require(ReserveSegments is >= 3 and <= QuotaSegmentsMin - 4, nameof(ReserveSegments), "is not 3 to 6");
        Require(BatchRecordsMax is > 0 and <= ushort.MaxValue / 2, nameof(BatchRecordsMax), "is not 1 to 32767");
        Require(BatchBytesMax > 0 && BatchChunkBytesMax > 0, nameof(BatchBytesMax), "is not positive");
        Require(ChunkBytes >= 64 && InlineBodyMax >= 0 && HeaderBytesMax >= 0, nameof(ChunkBytes), "is too small");
        Require(PendingBytesMax >= BodyBlocks.BlockBytesMax, nameof(PendingBytesMax), "is smaller than a block of 64 KiB");
        Require(RecordBytesMax <= SegmentRoom(segment) - BatchOverhead, nameof(SegmentBytes), "cannot hold the largest record");
    }

    /// <summary>Memory for a batch: the largest batch, or the largest record if that is larger, but never more than a segment
    /// holds.</summary>
    internal int BatchBufferBytes(long segmentBytes) =>
        (int)Math.Min(SegmentRoom(segmentBytes), Math.Max(BatchBytesMax, RecordBytesMax + BatchOverhead));

    /// <summary>Room in a batch for its header and the ends of segments that were given up.</summary>
    private const int BatchOverhead = 1024;

    private long RecordBytesMax => Math.Max(
        (long)InlineBodyMax + Math.Max(HeaderBytesMax, Math.Min(ChunkBytes, BodyBlocks.BlockBytesMax)),
        Math.Max(2L * ChunkBytes, StateBytesMax)) + 128;

    private static long SegmentBytesFor(long quota) => Math.Clamp(quota / 64, DerivedSegmentBytesMin, DerivedSegmentBytesMax) & ~4095L;

    private static long SegmentRoom(long segmentBytes) => segmentBytes - SegmentHeader.DataStart - SegmentHeader.Size;

    private static void Require(bool isTrue, string setting, string problem)
    {
        if (!isTrue)
        {
            throw new ArgumentException($"{setting} {problem}.", setting);
        }
    }
}
