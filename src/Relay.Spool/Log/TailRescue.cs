using Relay.Spool.Records;
using Relay.Spool.Replay;

namespace Relay.Spool.Log;

/// <summary>Writes what stands in unproven tails once more, at the head of the log, and then ends every earlier segment there.</summary>
/// <remarks>The last batch of a log that was not closed may or may not be durable: what a replay reads of it can come from memory. So none
/// of
/// it is relied on. Only when its copy is synced do end records declare the old tails void; until then a crash leaves them as they
/// were.</remarks>
internal sealed class TailRescue
{
    /// <summary>Segments that may fail before the opening gives up.</summary>
    private const int FailuresMax = 3;

    private readonly SpoolLog _log;
    private readonly ReplayState _replay;
    private readonly List<ReplayEntry> _live;
    private readonly List<Segment> _earlier;
    private int _failures;

    /// <summary>Works on a log that has no segment open yet.</summary>
    public TailRescue(SpoolLog log, ReplayState replay, List<ReplayEntry> live)
    {
        _log = log;
        _replay = replay;
        _live = live;
        _earlier = [.. log.State.Segments.Values];
    }

    /// <summary>Opens the first segment of this incarnation and moves the tails there.</summary>
    /// <exception cref="SpoolException">The disk failed time and again, or the quota has no room.</exception>
    public void Run()
    {
        var tails = new List<RescueItem>();
        foreach (var entry in _live)
        {
            AddSuspects(tails, entry);
        }

        foreach (var (sequence, segmentIds) in _replay.SuspectRemovals)
        {
            var needed = Array.FindAll(segmentIds, _log.State.Segments.ContainsKey);
            if (needed.Length > 0)
            {
                tails.Add(new RescueItem(BatchAction.KeepDone, Sequence: sequence, SegmentIds: needed));
            }
        }

        WriteAll(tails);
        WriteAll(_earlier.ConvertAll(static segment => new RescueItem(BatchAction.EndSegment, Ended: segment)));
        if (_log.Active is null)
        {
            Begin(0);
        }

        foreach (var segment in _earlier)
        {
            segment.IsSealed = true;
        }

        _log.State.MayReclaim = true;
    }

    private void AddSuspects(List<RescueItem> tails, ReplayEntry entry)
    {
        var indexed = _log.State.Entries[entry.Sequence];
        if (entry.IsMessageSuspect)
        {
            tails.Add(new RescueItem(BatchAction.MoveMessage, indexed));
        }

        if (entry.IsStateSuspect)
        {
            tails.Add(new RescueItem(BatchAction.MoveState, indexed));
        }

        foreach (var index in entry.SuspectChunks)
        {
            tails.Add(new RescueItem(BatchAction.MoveChunk, indexed, index));
        }
    }

    /// <summary>Writes all of the items, in as many batches as it takes. A batch that fails is made again in a fresh segment.</summary>
    private void WriteAll(List<RescueItem> items)
    {
        var next = 0;
        while (next < items.Count)
        {
            var first = next;
            Begin(items[next].RecordLength);
            while (next < items.Count && _log.Batch.Items.Count < ushort.MaxValue / 2 && items[next].RecordLength <= _log.Batch.Room)
            {
                Add(items[next++]);
            }

            if (!_log.TryCommit())
            {
                next = first;
                CountFailure();
            }
        }
    }

    private void Begin(int recordLength)
    {
        while (!_log.TryBegin(SegmentPurpose.Opening, recordLength, isRescue: true))
        {
            CountFailure();
        }
    }

    private void Add(in RescueItem item)
    {
        switch (item.Action)
        {
            case BatchAction.KeepDone:
                _log.Batch.AddDone(null, item.Sequence, item.SegmentIds!);
                break;
            case BatchAction.EndSegment:
                _log.Batch.AddEnd(item.Ended!, item.Ended!.End);
                break;
            default:
                if (!_log.Batch.TryCopy(item.Place, item.Action, item.Entry!, item.Index))
                {
                    throw new SpoolException(
                        item.Place.Segment!.Name, $"The record at {item.Place.Offset} changed while the spool was opened.");
                }

                break;
        }
    }

    private void CountFailure()
    {
        if (++_failures > FailuresMax || _log.LastFault is null)
        {
            throw new SpoolException(_log.LastFault?.File ?? "spool", _log.LastFault?.Reason ?? "The quota has no room to open the spool.");
        }
    }

    private readonly record struct RescueItem(
        BatchAction Action, Entry? Entry = null, int Index = 0, ulong Sequence = 0, ulong[]? SegmentIds = null, Segment? Ended = null)
    {
        public RecordPlace Place => Action switch
        {
            BatchAction.MoveMessage => Entry!.Message,
            BatchAction.MoveState => Entry!.State,
            _ => Entry!.Chunks![Index],
        };

        public int RecordLength => Action switch
        {
            BatchAction.KeepDone => RecordHeader.LengthOf(SegmentIds!.Length * sizeof(ulong)),
            BatchAction.EndSegment => RecordHeader.LengthOf(SegmentEnd.Size),
            _ => Place.Length,
        };
    }
}
