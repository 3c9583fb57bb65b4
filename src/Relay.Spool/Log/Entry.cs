namespace Relay.Spool.Log;

/// <summary>A live entry: where its records stand, and what is still to be written of it. Guarded by the log's gate.</summary>
internal sealed class Entry
{
    /// <summary>Names an entry.</summary>
    public Entry(ulong sequence)
    {
        Sequence = sequence;
    }

    /// <summary>The lower half of its id.</summary>
    public ulong Sequence { get; }

    /// <summary>Its message record.</summary>
    public RecordPlace Message { get; set; }

    /// <summary>Its last durable state, if any.</summary>
    public RecordPlace State { get; set; }

    /// <summary>The chunks of a large body, in order.</summary>
    public RecordPlace[]? Chunks { get; set; }

    /// <summary>Segments with earlier copies of the message record. A removal must outlive them.</summary>
    public List<ulong>? OldCopies { get; set; }

    /// <summary>The last state saved, until it is durable.</summary>
    public byte[]? PendingState { get; set; }

    /// <summary>The owner is done with it; the removal is durable when the entry leaves the index.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>It waits in the queue of removals and states.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Moves the message record; the earlier place is remembered.</summary>
    public void MoveMessage(RecordPlace place)
    {
        AddOldCopy(Message.Segment!.Id);
        Message.Segment!.RemoveLive(Message.Length);
        Message = place;
        place.Segment!.AddLive(place.Length);
    }

    /// <summary>Remembers a segment that holds a copy of the message record.</summary>
    public void AddOldCopy(ulong segmentId)
    {
        OldCopies ??= [];
        if (!OldCopies.Contains(segmentId))
        {
            OldCopies.Add(segmentId);
        }
    }

    /// <summary>Puts the state at another place.</summary>
    public void MoveState(RecordPlace place)
    {
        State.Segment?.RemoveLive(State.Length);
        State = place;
        place.Segment!.AddLive(place.Length);
    }

    /// <summary>Puts a chunk at another place.</summary>
    public void MoveChunk(int index, RecordPlace place)
    {
        Chunks![index].Segment!.RemoveLive(Chunks[index].Length);
        Chunks[index] = place;
        place.Segment!.AddLive(place.Length);
    }

    /// <summary>Counts all of its records as live.</summary>
    public void AddLive()
    {
        foreach (var place in Places())
        {
            place.Segment!.AddLive(place.Length);
        }
    }

    /// <summary>Counts all of its records as not live any more.</summary>
    public void RemoveLive()
    {
        foreach (var place in Places())
        {
            place.Segment!.RemoveLive(place.Length);
        }
    }

    /// <summary>The segments that a reader needs, one for each record.</summary>
    public IEnumerable<RecordPlace> Places()
    {
        yield return Message;
        if (State.Segment is not null)
        {
            yield return State;
        }

        foreach (var chunk in Chunks ?? [])
        {
            yield return chunk;
        }
    }
}
