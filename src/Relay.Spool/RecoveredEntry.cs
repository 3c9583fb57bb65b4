namespace Relay.Spool;

/// <summary>One entry that a replay found alive.</summary>
/// <param name="Id">The id it was committed with.</param>
/// <param name="AcceptedAt">When it was committed, to the millisecond.</param>
/// <param name="Header">The header it was committed with.</param>
/// <param name="Length">Octets of the body.</param>
/// <param name="State">The last state saved for it; empty when there is none.</param>
public readonly record struct RecoveredEntry(
    EntryId Id, DateTimeOffset AcceptedAt, ReadOnlyMemory<byte> Header, long Length, ReadOnlyMemory<byte> State);
