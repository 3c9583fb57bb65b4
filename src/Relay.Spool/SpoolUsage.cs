namespace Relay.Spool;

/// <summary>How full the spool is. Cheap to ask for.</summary>
/// <param name="QuotaBytes">What all files together may use.</param>
/// <param name="FileBytes">What they do use, exactly: segments, spares and quarantine.</param>
/// <param name="LiveBytes">Bytes of records that belong to entries alive.</param>
/// <param name="LiveEntries">Entries alive.</param>
/// <param name="SegmentsUsed">Segments that hold records.</param>
/// <param name="SegmentsMax">Segments that entries may fill: what the quota holds without the reserve.</param>
/// <param name="PendingBytes">Memory held by bodies that are not durable yet.</param>
public readonly record struct SpoolUsage(
    long QuotaBytes, long FileBytes, long LiveBytes, long LiveEntries, int SegmentsUsed, int SegmentsMax, long PendingBytes)
{
    /// <summary>Bytes that entries can still take: in the segment that is being written, and in those that may yet be opened.</summary>
    public long RoomBytes { get; init; }
}
