namespace Relay.Spool;

/// <summary>What a replay found when the spool was opened.</summary>
/// <param name="Entries">Entries alive.</param>
/// <param name="Segments">Segment files read.</param>
/// <param name="ScannedBytes">Bytes read and checked.</param>
/// <param name="TornTailBytes">Bytes of a last batch that a crash cut short; nobody was told that they were kept.</param>
/// <param name="Duration">Time from the lock to the last entry reported.</param>
/// <param name="Quarantined">Damage found: nothing of it is delivered, and its bytes are kept for a person to look at.</param>
public sealed record SpoolRecovery(
    int Entries, int Segments, long ScannedBytes, long TornTailBytes, TimeSpan Duration, IReadOnlyList<QuarantinedRecord> Quarantined);

/// <summary>One damaged place of the spool.</summary>
/// <param name="File">Name of the segment file.</param>
/// <param name="Offset">Where the damage begins, in bytes from the start of the file.</param>
/// <param name="Length">How many bytes it spans.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Id">The entry it belongs to, where that can be told.</param>
public sealed record QuarantinedRecord(string File, long Offset, long Length, string Reason, EntryId? Id);

/// <summary>A failure of the disk while the spool was running.</summary>
/// <param name="At">When it was seen.</param>
/// <param name="File">The file that could not be written.</param>
/// <param name="Reason">The system's words for it.</param>
/// <param name="Defect">Set when it is a mistake of the program and not the disk's: nothing is written any more until the spool is opened
/// again.</param>
public sealed record SpoolFault(DateTimeOffset At, string File, string Reason, Exception? Defect = null);
