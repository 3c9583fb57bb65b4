using Relay.Spool.Disks;

namespace Relay.Spool;

/// <summary>The durable log of accepted entries in one folder, owned by one process. Safe for any number of threads.</summary>
public sealed class SpoolStore : IAsyncDisposable
{
    private SpoolStore()
    {
    }

    /// <summary>What the replay found.</summary>
    public SpoolRecovery Recovery => throw new NotImplementedException();

    /// <summary>How full the spool is.</summary>
    public SpoolUsage Usage => throw new NotImplementedException();

    /// <summary>False while no segment can be written: commits then fail at once, and the spool goes on trying by itself.</summary>
    public bool IsHealthy => throw new NotImplementedException();

    /// <summary>The last failure of the disk since the spool was opened, if any.</summary>
    public SpoolFault? LastFault => throw new NotImplementedException();

    /// <summary>Locks the folder, replays the log, reports every live entry and starts the commit thread.</summary>
    /// <param name="settings">Where, and every limit.</param>
    /// <param name="disk">The disk; <see cref="FileDisk"/> outside tests.</param>
    /// <param name="time">The only clock.</param>
    /// <param name="onEntry">Called on this thread for every live entry, oldest first; its memory may be kept.</param>
    /// <exception cref="SpoolException">Another process has the folder, a file belongs to another spool or format, or the disk fails.</exception>
    public static SpoolStore Open(SpoolSettings settings, IDisk disk, TimeProvider time, Action<RecoveredEntry> onEntry) =>
        throw new NotImplementedException();

    /// <summary>Starts an entry. Cheap: memory is rented only when the body arrives.</summary>
    public SpoolWriter BeginEntry() => throw new NotImplementedException();

    /// <summary>Opens a live entry for reading; its bytes stay on disk until the reader is disposed, even when it is removed meanwhile.</summary>
    /// <param name="id">An entry that was committed or recovered, and not removed.</param>
    /// <exception cref="SpoolException">The id is unknown, or the record does not match its checksum.</exception>
    public SpoolReader OpenEntry(EntryId id) => throw new NotImplementedException();

    /// <summary>Saves a state for an entry: the last one wins. Not waited for: durable with the next batch. Unknown ids are ignored.</summary>
    /// <param name="id">A live entry.</param>
    /// <param name="state">At most <see cref="SpoolSettings.StateBytesMax"/> bytes; copied.</param>
    public void SaveState(EntryId id, ReadOnlySpan<byte> state) => throw new NotImplementedException();

    /// <summary>Removes an entry. Not waited for: durable with the next batch; a crash before that brings the entry back. Unknown ids are ignored.</summary>
    /// <param name="id">A live entry.</param>
    public void Remove(EntryId id) => throw new NotImplementedException();

    /// <summary>Writes what is pending, closes the log in order and frees the folder. Writers that are not committed fail.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
