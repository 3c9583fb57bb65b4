using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>The log itself, driven step by step by one thread at a time: one step writes and syncs at most one batch.</summary>
/// <remarks>Durable is decided in one place, <see cref="TryCommit"/>: nothing is acknowledged or relied on before its batch was synced
/// there.
/// A batch is written only when the one before it is synced or its segment was given up.</remarks>
internal sealed partial class SpoolLog
{
    private const int ControlsLeave = 2;

    private readonly SpoolSettings _settings;
    private readonly TimeProvider _time;
    private readonly Action<List<Completion>> _complete;
    private readonly Compactor _compactor;
    private readonly List<Segment> _endsDue = [];
    private readonly Queue<QueuedAppend> _queued = new();
    private readonly AppendLanes _taken = new();
    private readonly Func<QueuedAppend, bool> _addToBatch;
    private List<Completion> _completions = [];
    private ulong _batchNumber;
    private ulong _lastSegmentId;
    private long _nextProbe;
    private volatile bool _isUnhealthy;
    private bool _isShut;

    /// <summary>Takes over what a replay found.</summary>
    public SpoolLog(
        SpoolSettings settings, TimeProvider time, SpoolIdentity identity, SegmentFiles files, LogState state,
        Action<List<Completion>> complete)
    {
        _settings = settings;
        _time = time;
        Identity = identity;
        Files = files;
        State = state;
        _complete = complete;
        Commits = new CommitClock(time);
        Budget = new MemoryBudget(settings.PendingBytesMax);
        Batch = new Batch(identity.Owner, settings.BatchBufferBytes(files.SegmentBytes));
        _compactor = new Compactor(this, settings, time);
        _addToBatch = TryAddToBatch;
    }

    /// <summary>Whose log it is.</summary>
    public SpoolIdentity Identity { get; }

    /// <summary>The index and the segments.</summary>
    public LogState State { get; }

    /// <summary>The files.</summary>
    public SegmentFiles Files { get; }

    /// <summary>How long commits take.</summary>
    public CommitClock Commits { get; }

    /// <summary>Memory for bodies.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>The batch in the making.</summary>
    public Batch Batch { get; }

    /// <summary>The segment that batches go to; null when it was given up.</summary>
    public Segment? Active { get; private set; }

    /// <summary>A segment can be written, as far as is known.</summary>
    public bool IsHealthy => !_isUnhealthy;

    /// <summary>The last failure of the disk.</summary>
    public SpoolFault? LastFault { get; private set; }

    /// <summary>Bodies or removals wait for a step.</summary>
    public bool HasWork
    {
        get
        {
            lock (State.Gate)
            {
                return _queued.Count > 0 || !_taken.IsEmpty;
            }
        }
    }

    /// <summary>Called on the log's thread with every failure of the disk, and with null when a segment can be written again.</summary>
    public Action<SpoolFault?>? HealthChanged { get; set; }

    /// <summary>Called under the gate when something was queued, with whether somebody waits for it.</summary>
    public Action<bool>? Queued { get; set; }

    /// <summary>Sets where numbering goes on after a replay.</summary>
    public void Continue(ulong batchNumber, ulong segmentId)
    {
        _batchNumber = batchNumber;
        _lastSegmentId = segmentId;
    }

    /// <summary>Writes and syncs one batch of what waits, frees what died, and moves a compaction on.</summary>
    /// <returns>Whether another step would find work at once.</returns>
    public bool Step()
    {
        TakeQueued();
        Probe();
        var isCompactionFirst = _compactor.IsBusy && Files.Available <= ControlsLeave;
        if (!isCompactionFirst)
        {
            WriteBatch();
        }

        Reclaim();
        var hasMore = !_isUnhealthy && _compactor.Step();
        Reclaim();
        return hasMore || HasWork;
    }

    /// <summary>Writes everything that waits and closes the log, so that the next replay knows that its tail is whole.</summary>
    public void Close()
    {
        ulong before;
        do
        {
            before = _batchNumber;
            TakeQueued();
            WriteBatch();
        }
        while ((_batchNumber != before || !_taken.IsEmpty) && Active is not null);

        // The record that ends the last segment stands alone in its batch: a replay reads nothing from there on.
        while (TryBegin(SegmentPurpose.Controls, RecordHeader.LengthOf(SegmentEnd.Size)))
        {
            var isAlone = Batch.IsEmpty;
            if (isAlone)
            {
                Batch.AddEnd(Active!, Batch.Start);
            }

            if (!TryCommit() || isAlone)
            {
                break;
            }
        }

        Shut();
    }

    /// <summary>Fails everything that waits, and everything to come: the log is not stepped any more.</summary>
    public void Abandon(Exception cause)
    {
        SetFault(_settings.Directory, cause);
        _isUnhealthy = true;
        Active = null;
        foreach (var item in Batch.Items)
        {
            if (item.Action == BatchAction.AddEntry)
            {
                var error = new SpoolUnavailableException(_settings.Directory, cause.Message, cause);
                Fail((SpoolWriter)item.Subject!, error, isComplete: true);
            }
        }

        Batch.Items.Clear();
        Shut();
    }

    /// <summary>Starts a batch that has room for a record of this length, in a fresh segment when need be.</summary>
    public bool TryBegin(SegmentPurpose purpose, int recordLength, bool isRescue = false)
    {
        var needed = BatchHeader.Size + ((_endsDue.Count + 1) * RecordHeader.LengthOf(SegmentEnd.Size)) + recordLength;
        if ((Active is null || Active.Room < needed) && !TryRoll(purpose))
        {
            return false;
        }

        Batch.Begin(Active!, isRescue);
        foreach (var segment in _endsDue)
        {
            Batch.AddEnd(segment, segment.End);
        }

        return true;
    }

    /// <summary>The one place where durable is decided: writes the batch, syncs it, and only then draws its consequences.</summary>
    /// <returns>False when the disk failed: the batch is void, its segment given up, and nothing of it is tried again there.</returns>
    public bool TryCommit()
    {
        var segment = Active!;
        var bytes = Batch.Finish(++_batchNumber);
        try
        {
            Commits.Begin();
            segment.File.Write(Batch.Start, bytes);
            segment.File.Sync();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            GiveUp(segment, exception);
            return false;
        }
        finally
        {
            Commits.End();
        }

        lock (State.Gate)
        {
            segment.End += bytes.Length;
            foreach (var item in Batch.Items)
            {
                State.Apply(item);
            }

            State.Controls.Committed();
        }

        foreach (var item in Batch.Items)
        {
            if (item.Action == BatchAction.AddEntry)
            {
                _completions.Add(new Completion((SpoolWriter)item.Subject!, null));
            }
        }

        _endsDue.Clear();
        Batch.Items.Clear();
        CompleteAll();
        return true;
    }

    private void WriteBatch()
    {
        if (_taken.FirstLength is { } first && !TryBeginEntries(first))
        {
            FailTaken();
        }

        if (_taken.IsEmpty)
        {
            var control = FirstControlLength();
            var isEndDue = Active is null && _endsDue.Count > 0;
            if ((control == 0 && !isEndDue) || !TryBegin(SegmentPurpose.Controls, control))
            {
                CompleteAll();
                return;
            }
        }

        AddControls();
        AddTaken();
        if (Batch.IsEmpty)
        {
            CompleteAll();
        }
        else
        {
            TryCommit();
        }
    }

    private bool TryBeginEntries(int recordLength) =>
        Files.Available >= _settings.ReserveSegments && TryBegin(SegmentPurpose.Entries, recordLength);
}
