using System.Diagnostics;

namespace Relay.Spool.Log;

/// <summary>What is alive and where: the index of entries and the table of segments. Everything under one gate.</summary>
internal sealed class LogState
{
    /// <summary>Held while anything here, or an entry or segment of it, is read or changed.</summary>
    public object Gate { get; } = new();

    /// <summary>Live entries by the lower half of their id.</summary>
    public Dictionary<ulong, Entry> Entries { get; } = [];

    /// <summary>Every segment that a replay would meet.</summary>
    public SortedDictionary<ulong, Segment> Segments { get; } = [];

    /// <summary>Entries with a removal or a state to be written.</summary>
    public ControlQueue Controls { get; } = new();

    /// <summary>A segment may have died since the last look.</summary>
    public bool MayReclaim { get; set; }

    /// <summary>Bytes of records of live entries.</summary>
    public long LiveBytes
    {
        get
        {
            var bytes = 0L;
            foreach (var segment in Segments.Values)
            {
                bytes += segment.LiveBytes;
            }

            return bytes;
        }
    }

    /// <summary>The segments that exist and hold a copy of the entry's message record.</summary>
    public ulong[] CopiesOf(Entry entry)
    {
        if (entry.OldCopies is null)
        {
            return [entry.Message.Segment!.Id];
        }

        var ids = new List<ulong> { entry.Message.Segment!.Id };
        foreach (var id in entry.OldCopies)
        {
            if (Segments.ContainsKey(id) && !ids.Contains(id))
            {
                ids.Add(id);
            }
        }

        return [.. ids];
    }

    /// <summary>Draws the consequences of a record that is durable now.</summary>
    public void Apply(in BatchItem item)
    {
        var place = item.Place;
        switch (item.Action)
        {
            case BatchAction.AddEntry:
                AddEntry((SpoolWriter)item.Subject!, place);
                break;
            case BatchAction.AddChunk:
                ((SpoolWriter)item.Subject!).PlaceChunk(item.Index, place);
                break;
            case BatchAction.SetState:
                SetState((Entry)item.Subject!, place, item.Extra);
                break;
            case BatchAction.Remove:
                Remove((Entry)item.Subject!);
                AddNeeds(place.Segment!, (ulong[])item.Extra!);
                break;
            case BatchAction.MoveMessage:
                ((Entry)item.Subject!).MoveMessage(place);
                break;
            case BatchAction.MoveChunk:
                ((Entry)item.Subject!).MoveChunk(item.Index, place);
                break;
            case BatchAction.MoveState:
                ((Entry)item.Subject!).MoveState(place);
                break;
            case BatchAction.KeepDone:
                AddNeeds(place.Segment!, (ulong[])item.Extra!);
                break;
            case BatchAction.EndSegment:
                SetEndHolder((Segment)item.Subject!, place.Segment!);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Notes where a segment's end record stands; an earlier one is not needed any more.</summary>
    public void SetEndHolder(Segment segment, Segment holder)
    {
        segment.EndHolder?.RemoveNeed(segment.Id);
        segment.EndHolder = holder;
        holder.AddNeed(segment.Id);
        MayReclaim = true;
    }

    /// <summary>Notes that a removal here must outlive the segments it names, as far as they still exist.</summary>
    public void AddNeeds(Segment holder, ulong[] segmentIds)
    {
        foreach (var id in segmentIds)
        {
            if (Segments.ContainsKey(id))
            {
                holder.AddNeed(id);
            }
        }
    }

    /// <summary>Finds a segment that nothing would miss.</summary>
    public Segment? FindDead()
    {
        foreach (var segment in Segments.Values)
        {
            if (segment.IsDead)
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>Forgets a segment that is gone from the disk; records elsewhere that served its replay are free.</summary>
    public void Forget(Segment gone)
    {
        Segments.Remove(gone.Id);
        foreach (var segment in Segments.Values)
        {
            segment.Needs.Remove(gone.Id);
        }
    }

    private void AddEntry(SpoolWriter writer, RecordPlace place)
    {
        var entry = new Entry(writer.Id.Sequence) { Message = place, Chunks = writer.TakeChunks() };
        entry.AddLive();
        Entries.Add(entry.Sequence, entry);
    }

    private void SetState(Entry entry, RecordPlace place, object? state)
    {
        entry.MoveState(place);
        if (ReferenceEquals(entry.PendingState, state))
        {
            entry.PendingState = null;
        }

        MayReclaim = true;
    }

    private void Remove(Entry entry)
    {
        entry.RemoveLive();
        Entries.Remove(entry.Sequence);
        MayReclaim = true;
    }
}
