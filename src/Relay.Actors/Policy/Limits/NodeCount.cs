namespace Relay.Actors.Policy.Limits;

/// <summary>How many nodes share the limits: the most that were members in the last while. Thread-safe.</summary>
/// <remarks>Nodes that are out of sight may live on and give out their share: counting them for a while keeps the sum right.</remarks>
public sealed class NodeCount
{
    /// <summary>For how long a node counts that is gone.</summary>
    public static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, int Count)> _past = new();
    private readonly TimeProvider _time;
    private readonly int _least;
    private int _count;

    /// <summary>Starts with the nodes that the settings name.</summary>
    public NodeCount(int least, TimeProvider time)
    {
        _least = Math.Max(1, least);
        _count = _least;
        _time = time;
    }

    /// <summary>Nodes that share the limits, from 1.</summary>
    public int Max
    {
        get
        {
            lock (_lock)
            {
                Forget();
                var max = Math.Max(_least, _count);
                foreach (var (_, count) in _past)
                {
                    max = Math.Max(max, count);
                }

                return max;
            }
        }
    }

    /// <summary>There are so many members now.</summary>
    public void Set(int count)
    {
        lock (_lock)
        {
            Forget();
            if (count != _count)
            {
                // What it was counts from now on as the past.
                _past.Enqueue((_time.GetTimestamp(), _count));
                _count = count;
            }
        }
    }

    private void Forget()
    {
        while (_past.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.At) > RememberedFor)
        {
            _past.Dequeue();
        }
    }
}
