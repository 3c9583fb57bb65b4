using Relay.Spool.Disks;
using Relay.Spool.Log;

namespace Relay.Spool;

/// <summary>The durable log of accepted entries in one folder, owned by one process. Safe for any number of threads.</summary>
public sealed class SpoolStore : IAsyncDisposable
{
    private const string LockName = "spool.lock";

    private readonly SpoolEngine _engine;
    private readonly CommitThread _thread;
    private readonly IDisposable _lock;
    private int _isDisposed;

    private SpoolStore(
        SpoolEngine engine, IDisposable folderLock, SpoolSettings settings, TimeProvider time, Action<SpoolFault?>? onHealthChanged)
    {
        _engine = engine;
        engine.Log.HealthChanged = onHealthChanged;
        _lock = folderLock;
        _thread = new CommitThread(engine.Log, settings, time);
    }

    /// <summary>What the replay found.</summary>
    public SpoolRecovery Recovery => _engine.Recovery;

    /// <summary>How full the spool is.</summary>
    public SpoolUsage Usage => _engine.Usage;

    /// <summary>What its commits have taken. Cheap to ask for.</summary>
    public SpoolCommits Commits => _engine.Log.Commits.Now;

    /// <summary>False while no segment can be written: commits then fail at once, and the spool goes on trying by itself.</summary>
    public bool IsHealthy => _engine.Log.IsHealthy;

    /// <summary>The last failure of the disk since the spool was opened, if any.</summary>
    public SpoolFault? LastFault => _engine.Log.LastFault;

    /// <summary>Locks the folder, replays the log, reports every live entry and starts the commit thread.</summary>
    /// <param name="settings">Where, and every limit.</param>
    /// <param name="disk">The disk; <see cref="FileDisk"/> outside tests.</param>
    /// <param name="time">The only clock.</param>
    /// <param name="onEntry">Called on this thread for every live entry, oldest first; its memory may be kept.</param>
    /// <param name="onHealthChanged">Called on the commit thread with every failure of the disk, and with null when a segment can be
    /// written again. It must not throw.</param>
    /// <exception cref="SpoolException">Another process has the folder, a file belongs to another spool or format, or the disk
    /// fails.</exception>
    public static SpoolStore Open(
        SpoolSettings settings, IDisk disk, TimeProvider time, Action<RecoveredEntry> onEntry, Action<SpoolFault?>? onHealthChanged = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(onEntry);
        settings.Validate();
        var folderLock = LockFolder(settings.Directory, disk);
        try
        {
            var engine = SpoolEngine.Open(settings, disk, time, CompletionBatch.Queue, onEntry);
            return new SpoolStore(engine, folderLock, settings, time, onHealthChanged);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Starts an entry. Cheap: memory is rented only when the body arrives.</summary>
    public SpoolWriter BeginEntry()
    {
        ThrowIfDisposed();
        return _engine.BeginEntry();
    }

    /// <summary>Opens a live entry for reading; its bytes stay on disk until the reader is disposed, even when it is removed
    /// meanwhile.</summary>
    /// <param name="id">An entry that was committed or recovered, and not removed.</param>
    /// <exception cref="SpoolException">The id is unknown, or the record does not match its checksum.</exception>
    public SpoolReader OpenEntry(EntryId id)
    {
        ThrowIfDisposed();
        return _engine.OpenEntry(id);
    }

    /// <summary>Saves a state for an entry: the last one wins. Not waited for: durable with the next batch. Unknown ids are
    /// ignored.</summary>
    /// <param name="id">A live entry.</param>
    /// <param name="state">At most <see cref="SpoolSettings.StateBytesMax"/> bytes; copied.</param>
    public void SaveState(EntryId id, ReadOnlySpan<byte> state)
    {
        ThrowIfDisposed();
        _engine.SaveState(id, state);
    }

    /// <summary>Removes an entry. Not waited for: durable with the next batch; a crash before that brings the entry back. Unknown ids are
    /// ignored.</summary>
    /// <param name="id">A live entry.</param>
    public void Remove(EntryId id)
    {
        ThrowIfDisposed();
        _engine.Remove(id);
    }

    /// <summary>Ends when all states and removals that were asked for so far are durable, and has them written at once.</summary>
    /// <returns>A task that waits for a failing disk to work again, and fails with a <see cref="SpoolUnavailableException"/> when the spool closes before.</returns>
    public Task WhenDurableAsync()
    {
        ThrowIfDisposed();
        return _engine.WhenDurableAsync();
    }

    /// <summary>Writes what is pending, closes the log in order and frees the folder. Writers that are not committed fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _thread.StopAsync().ConfigureAwait(false);
            _engine.Dispose();
            _lock.Dispose();
        }
    }

    private static IDisposable LockFolder(string directory, IDisk disk)
    {
        try
        {
            disk.CreateDirectory(directory);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            throw new SpoolException(directory, $"The folder cannot be made: {exception.Message}", exception);
        }

        try
        {
            return disk.Lock(Path.Combine(directory, LockName));
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            throw new SpoolException(
                directory, $"The folder is in use by another process, or cannot be locked: {exception.Message}", exception);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
