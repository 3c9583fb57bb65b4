using System.Buffers.Binary;
using Relay.Spool.Log;
using Relay.Spool.Records;

namespace Relay.Spool.Replay;

/// <summary>What a replay has understood so far. Segments are shown to it from the last to the first, so ends and removals come before what
/// they speak of.</summary>
internal sealed class ReplayState : ISegmentSink
{
    private readonly LogState _state;
    private readonly ulong _owner;
    private readonly Dictionary<ulong, ReplayEntry> _entries = [];
    private readonly HashSet<ulong> _done = [];
    private readonly HashSet<ulong> _suspectDone = [];
    private readonly HashSet<ulong> _suspectEnds = [];
    private readonly Dictionary<ulong, long> _ends = [];
    private Segment _segment = null!;

    /// <summary>Replays into the index of a log.</summary>
    /// <param name="state">With the table of segments filled in.</param>
    /// <param name="owner">The spool that every record must belong to.</param>
    public ReplayState(LogState state, ulong owner)
    {
        _state = state;
        _owner = owner;
    }

    /// <summary>Damage found since the last <see cref="Show"/>.</summary>
    public List<QuarantinedRecord> Damage { get; } = [];

    /// <summary>Removals in unproven tails.</summary>
    public List<(ulong Sequence, ulong[] SegmentIds)> SuspectRemovals { get; } = [];

    /// <summary>Segments whose records may not be given up before the unproven tails are written again.</summary>
    public HashSet<Segment> Held { get; } = [];

    /// <summary>The highest batch number.</summary>
    public ulong BatchNumber { get; private set; }

    /// <summary>Shows a segment's bytes.</summary>
    public ScanResult Show(Segment segment, ReadOnlySpan<byte> bytes)
    {
        _segment = segment;
        Damage.Clear();
        return SegmentScanner.Scan(bytes, segment.Header, _ends.TryGetValue(segment.Id, out var end) ? end : null, this);
    }

    /// <summary>Fills the index with what is alive and whole, oldest first.</summary>
    public List<ReplayEntry> Finish()
    {
        Damage.Clear();
        var live = new List<ReplayEntry>(_entries.Count);
        foreach (var entry in _entries.Values)
        {
            if (_suspectDone.Contains(entry.Sequence))
            {
                Hold(entry);
            }

            if (!entry.HasMessage || _done.Contains(entry.Sequence))
            {
                continue;
            }

            if (entry.TryComplete())
            {
                live.Add(entry);
            }
            else if (!entry.IsMessageSuspect)
            {
                var place = entry.Message;
                Damage.Add(new QuarantinedRecord(
                    place.Segment!.Name, place.Offset, place.Length, "A part of the entry's body is missing.",
                    new EntryId(_owner, entry.Sequence)));
            }
        }

        live.Sort(static (left, right) => left.Sequence.CompareTo(right.Sequence));
        foreach (var entry in live)
        {
            var indexed = entry.ToEntry();
            indexed.AddLive();
            _state.Entries.Add(entry.Sequence, indexed);
        }

        return live;
    }

    /// <inheritdoc/>
    public void OnBatch(in BatchHeader batch) => BatchNumber = Math.Max(BatchNumber, batch.Number);

    /// <inheritdoc/>
    public void OnRecord(in RecordHeader header, ReadOnlySpan<byte> payload, int offset, bool isSuspect)
    {
        var place = new RecordPlace(_segment, offset, header.RecordLength);
        if (header.Owner != _owner)
        {
            OnDamage(offset, place.Length, "The record belongs to another spool.", header);
            return;
        }

        switch (header.Type)
        {
            case RecordType.Message when MessageTrailer.TryRead(payload, header, out var trailer):
                EntryOf(header.Sequence).AddMessage(place, isSuspect, trailer, (int)header.Detail);
                break;
            case RecordType.Chunk when header.Detail <= int.MaxValue:
                EntryOf(header.Sequence).AddChunk((int)header.Detail, place, header.Length, isSuspect);
                break;
            case RecordType.State:
                if (EntryOf(header.Sequence).AddState(place, isSuspect))
                {
                    Held.Add(_segment);
                }

                break;
            case RecordType.Done when payload.Length % sizeof(ulong) == 0:
                AddDone(header.Sequence, payload, isSuspect);
                break;
            case RecordType.End when SegmentEnd.TryRead(payload, out var end):
                AddEnd(end, isSuspect);
                break;
            default:
                OnDamage(offset, place.Length, "The record is none that this version knows.", header);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnDamage(long offset, long length, string reason, RecordHeader? record) =>
        Damage.Add(new QuarantinedRecord(_segment.Name, offset, length, reason, record is { Sequence: > 0 } header ? header.Id : null));

    /// <summary>A removal that is not proven may be gone after the next crash: an entry that comes back then must be whole, its state included.</summary>
    private void Hold(ReplayEntry entry)
    {
        foreach (var place in entry.Places)
        {
            Held.Add(place.Segment!);
        }
    }

    private void AddDone(ulong sequence, ReadOnlySpan<byte> payload, bool isSuspect)
    {
        _done.Add(sequence);
        var ids = new ulong[payload.Length / sizeof(ulong)];
        for (var index = 0; index < ids.Length; index++)
        {
            ids[index] = BinaryPrimitives.ReadUInt64LittleEndian(payload[(index * sizeof(ulong))..]);
        }

        _state.AddNeeds(_segment, ids);
        if (isSuspect)
        {
            _suspectDone.Add(sequence);
            SuspectRemovals.Add((sequence, ids));
        }
    }

    private void AddEnd(in SegmentEnd end, bool isSuspect)
    {
        if (_suspectEnds.Contains(end.SegmentId))
        {
            // Should the later record be gone after the next crash, this one says where the segment ends.
            Held.Add(_segment);
        }

        if (isSuspect)
        {
            _suspectEnds.Add(end.SegmentId);
        }

        if (_state.Segments.TryGetValue(end.SegmentId, out var ended) && end.SegmentId <= _segment.Id
            && (ended.EndHolder is null || ReferenceEquals(ended.EndHolder, _segment)))
        {
            _ends[end.SegmentId] = end.Offset;
            if (ended.EndHolder is null)
            {
                _state.SetEndHolder(ended, _segment);
            }
        }
    }

    private ReplayEntry EntryOf(ulong sequence)
    {
        if (!_entries.TryGetValue(sequence, out var entry))
        {
            entry = new ReplayEntry(sequence);
            _entries.Add(sequence, entry);
        }

        return entry;
    }
}
