using Relay.Spool.Disks;

namespace Relay.Spool.Log;

/// <summary>Everything a spool does but wait: the store adds the lock and the thread, a simulation drives <see cref="SpoolLog.Step"/>
/// itself.</summary>
internal sealed class SpoolEngine : IDisposable
{
    private readonly SpoolSettings _settings;
    private readonly TimeProvider _time;
    private long _counter;

    private SpoolEngine(SpoolSettings settings, TimeProvider time, SpoolLog log, SpoolRecovery recovery)
    {
        _settings = settings;
        _time = time;
        Log = log;
        Recovery = recovery;
    }

    /// <summary>The log.</summary>
    public SpoolLog Log { get; }

    /// <summary>What the replay found.</summary>
    public SpoolRecovery Recovery { get; }

    /// <summary>How full the spool is.</summary>
    public SpoolUsage Usage
    {
        get
        {
            lock (Log.State.Gate)
            {
                return new SpoolUsage(
                    _settings.QuotaBytes, Log.Files.FileBytes, Log.State.LiveBytes, Log.State.Entries.Count, Log.State.Segments.Count,
                    SegmentsMax, Log.Budget.Used)
                {
                    RoomBytes = (Math.Max(0, SegmentsMax - Log.State.Segments.Count) * Log.Files.SegmentBytes) + (Log.Active?.Room ?? 0),
                };
            }
        }
    }

    private int SegmentsMax => (int)Log.Files.SegmentsMax - _settings.ReserveSegments;

    /// <summary>Replays a folder. The caller holds its lock.</summary>
    public static SpoolEngine Open(
        SpoolSettings settings, IDisk disk, TimeProvider time, Action<List<Completion>> complete, Action<RecoveredEntry> onEntry)
    {
        var log = LogOpener.Open(settings, disk, time, complete, onEntry, out var recovery);
        return new SpoolEngine(settings, time, log, recovery);
    }

    /// <summary>Starts an entry.</summary>
    public SpoolWriter BeginEntry()
    {
        var counter = (ulong)Interlocked.Increment(ref _counter);
        var sequence = (Log.Identity.Epoch << SpoolIdentity.CounterBits) | counter;
        return new SpoolWriter(Log, _settings, _time, new EntryId(Log.Identity.Owner, sequence));
    }

    /// <summary>Opens an entry for reading.</summary>
    public SpoolReader OpenEntry(EntryId id)
    {
        RecordPlace[] pinned;
        RecordPlace[] chunks;
        lock (Log.State.Gate)
        {
            if (Find(id) is not { } entry)
            {
                throw new SpoolException(_settings.Directory, $"The spool has no entry {id}.");
            }

            chunks = entry.Chunks?.ToArray() ?? [];
            pinned = [entry.Message, .. chunks];
            foreach (var place in pinned)
            {
                place.Segment!.Pins++;
            }
        }

        return new SpoolReader(Log.State, id, pinned, chunks);
    }

    /// <summary>Saves a state.</summary>
    public void SaveState(EntryId id, ReadOnlySpan<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(state.Length, _settings.StateBytesMax, nameof(state));
        var copy = state.ToArray();
        lock (Log.State.Gate)
        {
            if (Find(id) is { } entry)
            {
                entry.PendingState = copy;
                Log.State.Controls.Add(entry);
                Log.Queued?.Invoke(false);
            }
        }
    }

    /// <summary>Ends when all states and removals so far are durable.</summary>
    public Task WhenDurableAsync() => Log.WhenDurableAsync();

    /// <summary>Removes an entry.</summary>
    public void Remove(EntryId id)
    {
        lock (Log.State.Gate)
        {
            if (Find(id) is { } entry)
            {
                entry.IsRemoved = true;
                entry.PendingState = null;
                Log.State.Controls.Add(entry);
                Log.Queued?.Invoke(false);
            }
        }
    }

    /// <summary>Closes the files. The log is not stepped any more.</summary>
    public void Dispose()
    {
        lock (Log.State.Gate)
        {
            foreach (var segment in Log.State.Segments.Values)
            {
                segment.File.Dispose();
            }
        }
    }

    private Entry? Find(EntryId id) =>
        id.Owner == Log.Identity.Owner && Log.State.Entries.TryGetValue(id.Sequence, out var entry) && !entry.IsRemoved ? entry : null;
}
