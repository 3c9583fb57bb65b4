using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <content>What waits for a batch: how it gets into one, and who is told what became of it.</content>
internal sealed partial class SpoolLog
{
    /// <summary>Puts octets in line. Order is kept, so an entry's chunks are never later than the entry.</summary>
    public void Enqueue(in QueuedAppend append)
    {
        lock (State.Gate)
        {
            if (!_isShut)
            {
                _queued.Enqueue(append);
                Queued?.Invoke(true);
                return;
            }

            append.Writer.Fail(new SpoolUnavailableException(_settings.Directory, "The spool is closed."));
        }

        append.Body.Return();
        if (append.Chunk < 0)
        {
            _complete([new Completion(append.Writer, append.Writer.Fault)]);
        }
    }

    /// <summary>Ends when all states and removals that were asked for so far are durable; while the disk fails, not before it works again.</summary>
    public Task WhenDurableAsync()
    {
        lock (State.Gate)
        {
            if (_isShut)
            {
                return Task.FromException(new SpoolUnavailableException(_settings.Directory, "The spool is closed."));
            }

            Queued?.Invoke(true);
            return State.Controls.WhenDurable();
        }
    }

    private void TakeQueued()
    {
        lock (State.Gate)
        {
            while (_queued.TryDequeue(out var append))
            {
                _taken.Add(append);
            }
        }
    }

    private void AddControls()
    {
        lock (State.Gate)
        {
            while (Batch.Items.Count < _settings.BatchRecordsMax && State.Controls.TryPeek(out var entry))
            {
                var length = LengthOf(entry);
                if (length > Batch.Room)
                {
                    return;
                }

                State.Controls.Take();
                if (entry.IsRemoved)
                {
                    Batch.AddDone(entry, entry.Sequence, State.CopiesOf(entry));
                }
                else if (entry.PendingState is { } state)
                {
                    Batch.AddState(entry, state);
                }
            }
        }
    }

    private int FirstControlLength()
    {
        lock (State.Gate)
        {
            return State.Controls.TryPeek(out var entry) ? LengthOf(entry) : 0;
        }
    }

    private int LengthOf(Entry entry) => RecordHeader.LengthOf(
        entry.IsRemoved ? State.CopiesOf(entry).Length * sizeof(ulong) : entry.PendingState?.Length ?? 0);

    // Whoever waits for memory is kept waiting by what is not written, large or small.
    private void AddTaken() => _taken.Offer(Budget.HasWaiters ? _settings.BatchBytesMax : _settings.BatchChunkBytesMax, _addToBatch);

    private bool TryAddToBatch(QueuedAppend append)
    {
        if (Batch.Items.Count >= _settings.BatchRecordsMax)
        {
            return false;
        }

        if (append.Writer.Fault is null && !append.Writer.IsAbandoned)
        {
            if (append.RecordLength > Batch.Room)
            {
                return false;
            }

            append.Writer.AddTo(Batch, append);
        }
        else if (append.Chunk < 0)
        {
            _completions.Add(new Completion(append.Writer, append.Writer.Fault));
        }

        append.Body.Return();
        return true;
    }

    private void GiveUp(Segment segment, Exception cause)
    {
        SetFault(segment.Name, cause);
        lock (State.Gate)
        {
            segment.IsFaulted = true;
            Seal(segment);
            foreach (var item in Batch.Items)
            {
                // Removals and states are facts whatever became of this batch: they go into the next segment.
                if (item.Action is BatchAction.Remove or BatchAction.SetState)
                {
                    State.Controls.Add((Entry)item.Subject!);
                }
            }

            State.Controls.Returned();
        }

        foreach (var item in Batch.Items)
        {
            if (item.Action is BatchAction.AddEntry or BatchAction.AddChunk)
            {
                Fail((SpoolWriter)item.Subject!, new SpoolUnavailableException(segment.Name, cause.Message, cause),
                    item.Action == BatchAction.AddEntry);
            }
        }

        Active = null;
        Batch.Items.Clear();
        CompleteAll();
    }

    private void Shut()
    {
        lock (State.Gate)
        {
            _isShut = true;
            State.Controls.Abandon(new SpoolUnavailableException(_settings.Directory, LastFault?.Reason ?? "The spool is closed."));
        }

        TakeQueued();
        FailTaken();
        TakeQueued();
        FailTaken();
        CompleteAll();
    }

    private void FailTaken()
    {
        while (_taken.TryDequeue(out var append))
        {
            SpoolException error = _isUnhealthy
                ? new SpoolUnavailableException(_settings.Directory, LastFault?.Reason ?? "The disk failed.")
                : new SpoolFullException(_settings.Directory);
            Fail(append.Writer, error, append.Chunk < 0);
            append.Body.Return();
        }
    }

    private void Fail(SpoolWriter writer, Exception error, bool isComplete)
    {
        lock (State.Gate)
        {
            writer.Fail(error);
        }

        if (isComplete)
        {
            _completions.Add(new Completion(writer, writer.Fault));
        }
    }

    private void CompleteAll()
    {
        if (_completions.Count > 0)
        {
            var completions = _completions;
            _completions = new List<Completion>(completions.Count);
            _complete(completions);
        }
    }
}
