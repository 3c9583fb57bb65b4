using Relay.Spool.Disks;

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

    /// <summary>Largest state that <see cref="SpoolStore.SaveState"/> takes: 64 KiB.</summary>
    public const int StateBytesMax = 64 << 10;

    /// <summary>The spool's folder; made when it does not exist.</summary>
    public required string Directory { get; init; }

    /// <summary>All files of the folder together never exceed this. Default 20 GiB.</summary>
    public long QuotaBytes { get; init; } = 20L << 30;

    /// <summary>Size of a segment file; 0, the default, derives it: quota / 64, between 4 MiB and 64 MiB.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Largest batch that is written and synced at once. Default 4 MiB.</summary>
    public int BatchBytesMax { get; init; } = 4 << 20;

    /// <summary>Most records in one batch. Default 1024.</summary>
    public int BatchRecordsMax { get; init; } = 1024;

    /// <summary>Size of a chunk record of a large body. Default 256 KiB.</summary>
    public int ChunkBytes { get; init; } = 256 << 10;

    /// <summary>A larger body is written in chunks while it arrives. Default 1 MiB.</summary>
    public int InlineBodyMax { get; init; } = 1 << 20;

    /// <summary>Largest header of an entry. Default 1 MiB: 1000 recipients with all their parameters.</summary>
    public int HeaderBytesMax { get; init; } = 1 << 20;

    /// <summary>Memory for bodies that are not written yet; writers wait while it is used up. Default 64 MiB.</summary>
    public long PendingBytesMax { get; init; } = 64L << 20;

    /// <summary>Segments kept from entries so that removals, states and compaction always find room. Default 4.</summary>
    public int ReserveSegments { get; init; } = 4;

    /// <summary>Removals and states wait at most this long for a batch to ride with. Default 50 ms.</summary>
    public TimeSpan RideAlongDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Time between attempts to open a segment while the disk fails. Default 1 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A sparse segment is left alone for this long, for its entries may soon be removed anyway. Default 60 s.</summary>
    public TimeSpan CompactionAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The segment size in force: <see cref="SegmentBytes"/>, or derived from the quota.</summary>
    public long EffectiveSegmentBytes =>
        SegmentBytes > 0 ? SegmentBytes : Math.Clamp(QuotaBytes / 64, DerivedSegmentBytesMin, DerivedSegmentBytesMax) & ~4095L;

    /// <summary>The largest quota the folder's disk can hold now: what the spool has plus what is free.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="directory">The spool's folder; it need not exist yet.</param>
    public static long QuotaBytesAvailable(IDisk disk, string directory)
    {
        ArgumentNullException.ThrowIfNull(disk);
        return disk.UsedBytes(directory) + disk.FreeBytes(directory);
    }
}
