using Relay.Spool.Log;
using Relay.Spool.Records;

namespace Relay.Spool.Replay;

/// <summary>The records of one entry that a replay has met, and which copy of each counts.</summary>
/// <remarks>Copies are equal bytes, so the choice is about trust: one that is proven durable before one in an unproven tail; among proven
/// ones
/// the first met, which is the last written; among unproven ones the last met, which is the first written.
/// States differ, so there the last written counts.</remarks>
internal sealed class ReplayEntry
{
    private readonly List<ulong> _copies = [];
    private List<Chunk>? _chunks;
    private MessageTrailer _trailer;

    /// <summary>Names an entry.</summary>
    public ReplayEntry(ulong sequence)
    {
        Sequence = sequence;
    }

    /// <summary>The lower half of its id.</summary>
    public ulong Sequence { get; }

    /// <summary>Its message record.</summary>
    public RecordPlace Message { get; private set; }

    /// <summary>A message record was met.</summary>
    public bool HasMessage => Message.Segment is not null;

    /// <summary>The message record stands in an unproven tail.</summary>
    public bool IsMessageSuspect { get; private set; }

    /// <summary>The state stands in an unproven tail.</summary>
    public bool IsStateSuspect { get; private set; }

    /// <summary>The state's record, if any.</summary>
    public RecordPlace State { get; private set; }

    /// <summary>When it was committed.</summary>
    public DateTimeOffset AcceptedAt =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Clamp(_trailer.AcceptedAtMilliseconds, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>Octets of the body.</summary>
    public long BodyLength => _trailer.BodyLength;

    /// <summary>Bytes of the header.</summary>
    public int HeaderLength { get; private set; }

    /// <summary>Where in the segment the header stands.</summary>
    public int HeaderOffset => Message.Offset + RecordHeader.Size + (_trailer.Chunks == 0 ? (int)_trailer.BodyLength : 0);

    /// <summary>Where all that was met of it stands.</summary>
    public IEnumerable<RecordPlace> Places =>
        (_chunks ?? []).Select(static chunk => chunk.Place).Append(Message).Append(State).Where(static place => place.Segment is not null);

    /// <summary>The chunks in unproven tails.</summary>
    public IEnumerable<int> SuspectChunks
    {
        get
        {
            for (var index = 0; index < (_chunks?.Count ?? 0); index++)
            {
                if (_chunks![index].IsSuspect)
                {
                    yield return index;
                }
            }
        }
    }

    /// <summary>Adds a message record.</summary>
    public void AddMessage(RecordPlace place, bool isSuspect, in MessageTrailer trailer, int headerLength)
    {
        if (!_copies.Contains(place.Segment!.Id))
        {
            _copies.Add(place.Segment!.Id);
        }

        if (!HasMessage || IsMessageSuspect)
        {
            Message = place;
            IsMessageSuspect = isSuspect;
            _trailer = trailer;
            HeaderLength = headerLength;
        }
    }

    /// <summary>Adds a chunk.</summary>
    public void AddChunk(int index, RecordPlace place, int bytes, bool isSuspect)
    {
        _chunks ??= [];
        // An index far beyond what was met is legal: later chunks are met first.
        if (index >= ChunksMax)
        {
            return;
        }

        while (_chunks.Count <= index)
        {
            _chunks.Add(default);
        }

        if (_chunks[index].Place.Segment is null || _chunks[index].IsSuspect)
        {
            _chunks[index] = new Chunk(place, bytes, isSuspect);
        }
    }

    /// <summary>Adds a state.</summary>
    /// <returns>True when it stays behind an unproven later one, and so must not go before that is written again.</returns>
    public bool AddState(RecordPlace place, bool isSuspect)
    {
        var isLater = State.Segment is null || ReferenceEquals(State.Segment, place.Segment);
        if (!isLater)
        {
            return IsStateSuspect;
        }

        var keepsEarlier = State.Segment is not null && isSuspect;
        State = place;
        IsStateSuspect = isSuspect;
        return keepsEarlier;
    }

    /// <summary>Checks that all of the body is there.</summary>
    public bool TryComplete()
    {
        if (_trailer.Chunks == 0)
        {
            _chunks = null;
            return true;
        }

        if (_chunks is null || _chunks.Count < _trailer.Chunks)
        {
            return false;
        }

        _chunks.RemoveRange(_trailer.Chunks, _chunks.Count - _trailer.Chunks);
        var bytes = 0L;
        foreach (var chunk in _chunks)
        {
            if (chunk.Place.Segment is null)
            {
                return false;
            }

            bytes += chunk.Bytes;
        }

        return bytes == _trailer.BodyLength;
    }

    /// <summary>The entry as the index keeps it.</summary>
    public Entry ToEntry()
    {
        var entry = new Entry(Sequence)
        {
            Message = Message,
            State = State,
            Chunks = _chunks?.ConvertAll(static chunk => chunk.Place).ToArray(),
        };
        foreach (var id in _copies)
        {
            if (id != Message.Segment!.Id)
            {
                entry.AddOldCopy(id);
            }
        }

        return entry;
    }

    /// <summary>More chunks than any body has: 16 TiB in chunks of 256 KiB would be less.</summary>
    private const int ChunksMax = 1 << 26;

    private readonly record struct Chunk(RecordPlace Place, int Bytes, bool IsSuspect);
}
