namespace Relay.Spool.Log;

/// <summary>What was taken from the queue for the next batches: large bodies in one lane, all else in another, so that small mail does not wait
/// for a large body to be written. Order is kept in each lane, and so within each entry. Used by the log's thread alone.</summary>
internal sealed class AppendLanes
{
    private readonly Queue<QueuedAppend> _small = new();
    private readonly Queue<QueuedAppend> _large = new();
    private bool _isLargeFirst;

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _small.Count == 0 && _large.Count == 0;

    /// <summary>Bytes of the record that the next batch must have room for; null when none waits.</summary>
    public int? FirstLength => First.TryPeek(out var append) || Second.TryPeek(out append) ? append.RecordLength : null;

    /// <summary>Puts octets into their lane.</summary>
    public void Add(in QueuedAppend append) => (append.IsOfLargeBody ? _large : _small).Enqueue(append);

    /// <summary>Offers what waits, each lane in its order until its first that is not taken; the lanes come first in turn, lest one keeps
    /// the other from batches.</summary>
    /// <param name="largeBytesMax">About as many bytes of large bodies are offered: the one over it is the last.</param>
    /// <param name="take">False ends the lane.</param>
    public void Offer(int largeBytesMax, Func<QueuedAppend, bool> take)
    {
        var isLargeFirst = _isLargeFirst;
        _isLargeFirst = !isLargeFirst;
        if (isLargeFirst)
        {
            Offer(_large, largeBytesMax, take);
            Offer(_small, int.MaxValue, take);
        }
        else
        {
            Offer(_small, int.MaxValue, take);
            Offer(_large, largeBytesMax, take);
        }
    }

    /// <summary>Takes one out.</summary>
    public bool TryDequeue(out QueuedAppend append) => _small.TryDequeue(out append) || _large.TryDequeue(out append);

    private Queue<QueuedAppend> First => _isLargeFirst ? _large : _small;

    private Queue<QueuedAppend> Second => _isLargeFirst ? _small : _large;

    private static void Offer(Queue<QueuedAppend> lane, int bytesMax, Func<QueuedAppend, bool> take)
    {
        long bytes = 0;
        while (bytes < bytesMax && lane.TryPeek(out var append))
        {
            // Whoever takes it gives its memory back.
            var length = append.RecordLength;
            if (!take(append))
            {
                return;
            }

            lane.Dequeue();
            bytes += length;
        }
    }
}
