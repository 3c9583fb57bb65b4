using System.Buffers.Binary;
using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>Empties sparse segments: copies what is alive in them to the head of the log, a batch at a time, so that they can be
/// freed.</summary>
/// <remarks>A copy keeps the entry's id. The index points to it, and the segment may die, only after the copy's batch was synced.
/// Removals and ends that a replay still needs, because the segment they speak of still exists, are copied too.</remarks>
internal sealed class Compactor
{
    /// <summary>Bytes copied in one step, about.</summary>
    private const int StepBytesMax = 1 << 20;

    /// <summary>Records looked at in one step.</summary>
    private const int StepRecordsMax = 8192;

    /// <summary>What a removal or an end takes, about.</summary>
    private const int ControlBytes = 64;

    /// <summary>What the headers of the batches that a copy makes take, at the most.</summary>
    private const int RollBytes = 1024;

    private const double SparseWhenRoomy = 0.4;
    private const double SparseUnderPressure = 0.6;
    private const double SparseWhenFull = 0.9;

    /// <summary>No segment is looked at sooner than after one part in so many of <see cref="SpoolSettings.CompactionAge"/>.</summary>
    private const int AgeParts = 30;

    private readonly SpoolLog _log;
    private readonly SpoolSettings _settings;
    private readonly TimeProvider _time;
    private Segment? _victim;
    private SegmentCursor? _cursor;

    /// <summary>Works for a log.</summary>
    public Compactor(SpoolLog log, SpoolSettings settings, TimeProvider time)
    {
        _log = log;
        _settings = settings;
        _time = time;
    }

    /// <summary>A segment is half emptied.</summary>
    public bool IsBusy => _victim is not null;

    /// <summary>Copies one batch out of the segment in work, or chooses one.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    public bool Step()
    {
        LeaveWhenGone();
        if (_victim is null)
        {
            lock (_log.State.Gate)
            {
                _victim = Choose();
            }

            if (_victim is null)
            {
                return false;
            }

            _cursor = new SegmentCursor(_victim);
        }

        try
        {
            return CopyBatch(_victim, _cursor!);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            // It cannot be read: what is in it stays where it is until a person or a replay looks at it.
            Leave(_victim, isKept: true);
            return false;
        }
    }

    /// <summary>Between two steps everything in the segment may have been removed, and the segment with it.</summary>
    private void LeaveWhenGone()
    {
        lock (_log.State.Gate)
        {
            if (_victim is { } victim && !(_log.State.Segments.TryGetValue(victim.Id, out var found) && ReferenceEquals(found, victim)))
            {
                _victim = null;
                _cursor = null;
            }
        }
    }

    private bool CopyBatch(Segment victim, SegmentCursor cursor)
    {
        if (!cursor.TryPeek())
        {
            Finish(victim);
            return true;
        }

        if (!_log.TryBegin(SegmentPurpose.Compaction, cursor.Record.RecordLength + ControlBytes))
        {
            Leave(victim, isKept: false);
            return false;
        }

        var copied = 0;
        for (var seen = 0; seen < StepRecordsMax && copied < StepBytesMax && cursor.TryPeek(); seen++)
        {
            if (cursor.Record.RecordLength + ControlBytes > _log.Batch.Room || _log.Batch.Items.Count >= _settings.BatchRecordsMax)
            {
                break;
            }

            if (CopyIfNeeded(victim, cursor))
            {
                copied += cursor.Record.RecordLength;
            }

            cursor.Advance();
        }

        if (!_log.Batch.IsEmpty && !_log.TryCommit())
        {
            Leave(victim, isKept: false);
            return false;
        }

        return true;
    }

    private bool CopyIfNeeded(Segment victim, SegmentCursor cursor)
    {
        lock (_log.State.Gate)
        {
            var record = cursor.Record;
            if (record.Type is RecordType.Done or RecordType.End)
            {
                return CopyControl(victim, cursor);
            }

            if (!_log.State.Entries.TryGetValue(record.Sequence, out var entry))
            {
                return false;
            }

            var index = (int)record.Detail;
            return record.Type switch
            {
                RecordType.Message when entry.Message.Is(victim, cursor.Offset) =>
                    _log.Batch.TryCopy(cursor.Place, BatchAction.MoveMessage, entry),
                RecordType.State when entry.State.Is(victim, cursor.Offset) =>
                    _log.Batch.TryCopy(cursor.Place, BatchAction.MoveState, entry),
                RecordType.Chunk when entry.Chunks is { } chunks && index < chunks.Length && chunks[index].Is(victim, cursor.Offset) =>
                    _log.Batch.TryCopy(cursor.Place, BatchAction.MoveChunk, entry, index),
                _ => false,
            };
        }
    }

    private bool CopyControl(Segment victim, SegmentCursor cursor)
    {
        if (!cursor.TryReadSmallPayload(out var payload))
        {
            // Whether it is still needed cannot be told any more.
            victim.IsKept = true;
            return false;
        }

        if (cursor.Record.Type == RecordType.End)
        {
            if (!SegmentEnd.TryRead(payload, out var end) || !_log.State.Segments.TryGetValue(end.SegmentId, out var ended)
                || !ReferenceEquals(ended.EndHolder, victim) || ReferenceEquals(ended, victim))
            {
                return false;
            }

            _log.Batch.AddEnd(ended, end.Offset);
            return true;
        }

        var needed = new List<ulong>();
        for (; payload.Length >= sizeof(ulong); payload = payload[sizeof(ulong)..])
        {
            var id = BinaryPrimitives.ReadUInt64LittleEndian(payload);
            if (id != victim.Id && _log.State.Segments.ContainsKey(id))
            {
                needed.Add(id);
            }
        }

        if (needed.Count == 0)
        {
            return false;
        }

        _log.Batch.AddDone(null, cursor.Record.Sequence, [.. needed]);
        return true;
    }

    private void Finish(Segment victim)
    {
        lock (_log.State.Gate)
        {
            // Everything in it that a replay needs stands elsewhere now, durably; a live record left behind is damaged.
            if (victim.LiveRecords > 0)
            {
                victim.IsKept = true;
            }
            else
            {
                victim.Needs.Clear();
                _log.State.MayReclaim = true;
            }
        }

        Leave(victim, isKept: false);
    }

    private void Leave(Segment victim, bool isKept)
    {
        lock (_log.State.Gate)
        {
            victim.IsKept |= isKept;
        }

        _victim = null;
        _cursor = null;
    }

    /// <summary>
    /// Every copy must bring the log nearer to rest: it gets rid of dead bytes, or of a segment, for its records find room where the log
    /// stands. A segment that large records left half empty would otherwise be copied into another such one, for ever.
    /// </summary>
    private bool IsGain(Segment segment, long useful, double sparse)
    {
        var dead = segment.End - SegmentHeader.DataStart - useful;
        return dead >= (1 - sparse) * _log.Files.SegmentBytes || useful + RollBytes < (_log.Active?.Room ?? 0);
    }

    /// <summary>
    /// What is in a segment may soon be removed anyway, so a copy is put off: the longer, the more it would copy. A few small messages that wait
    /// among many large ones that are gone would otherwise hold all their room for the whole age.
    /// </summary>
    private bool IsRipe(Segment segment, long useful)
    {
        var part = useful / (SparseWhenRoomy * _log.Files.SegmentBytes);
        return _time.GetElapsedTime(segment.SealedAt) >= _settings.CompactionAge * Math.Min(1, part * part);
    }

    private Segment? Choose()
    {
        var available = _log.Files.Available;
        var reserve = _settings.ReserveSegments;
        var isFull = available <= reserve;
        var isPressed = available <= reserve + Math.Max(1, _log.Files.SegmentsMax / 8);
        // Before the node is so full that it refuses mail for it, whatever a copy may free is freed.
        var isUrgent = isPressed || available <= reserve + (_log.Files.SegmentsMax * 3 / 8);
        var sparse = isFull ? SparseWhenFull : isPressed ? SparseUnderPressure : SparseWhenRoomy;
        Segment? best = null;
        var leastUseful = (long)(sparse * _log.Files.SegmentBytes);
        foreach (var segment in _log.State.Segments.Values)
        {
            if (!segment.IsSealed || segment.IsKept || segment.OpenChunks > 0 || (segment.LiveRecords == 0 && segment.Needs.Count == 0)
                || (!isPressed && _time.GetElapsedTime(segment.SealedAt) < _settings.CompactionAge / AgeParts))
            {
                continue;
            }

            var useful = segment.LiveBytes;
            foreach (var count in segment.Needs.Values)
            {
                useful += (long)count * ControlBytes;
            }

            if (useful < leastUseful && IsGain(segment, useful, sparse) && (isUrgent || IsRipe(segment, useful)))
            {
                leastUseful = useful;
                best = segment;
            }
        }

        // With the last segments at stake, only what is sure to fit where the log stands now.
        return available < 2 && leastUseful > (_log.Active?.Room ?? 0) - ControlBytes ? null : best;
    }
}
