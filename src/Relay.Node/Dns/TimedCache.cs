using System.Diagnostics.CodeAnalysis;

namespace Relay.Node.Dns;

/// <summary>Keeps values for a time each, and so many at the most: those not used for longest go first. Thread-safe.</summary>
internal sealed class TimedCache<TKey, TValue>
    where TKey : notnull
{
    private readonly int _entriesMax;
    private readonly long _weightMax;
    private readonly Func<TValue, int>? _weigh;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new(); // the last used first
    private long _weight;

    /// <param name="entriesMax">Most values.</param>
    /// <param name="time">The clock.</param>
    /// <param name="weightMax">Most of what they weigh together; one alone may weigh more.</param>
    /// <param name="weigh">What a value weighs; null: nothing.</param>
    public TimedCache(int entriesMax, TimeProvider time, long weightMax = long.MaxValue, Func<TValue, int>? weigh = null)
    {
        _weightMax = weightMax;
        _weigh = weigh;
        _entriesMax = entriesMax;
        _time = time;
    }

    /// <summary>Entries that are kept, those whose time is over among them.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Finds a value whose time is not over.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="left">How much of its time is left.</param>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value, out TimeSpan left)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                left = node.Value.ValidFor - _time.GetElapsedTime(node.Value.Since);
                if (left > TimeSpan.Zero)
                {
                    _byUse.Remove(node);
                    _byUse.AddFirst(node);
                    value = node.Value.Value;
                    return true;
                }

                Remove(node);
            }
        }

        (value, left) = (default, TimeSpan.Zero);
        return false;
    }

    /// <summary>Keeps a value, instead of the one that the key had.</summary>
    public void Set(TKey key, TValue value, TimeSpan validFor)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var before))
            {
                Remove(before);
            }
            else if (_entries.Count >= _entriesMax)
            {
                Remove(_byUse.Last!);
            }

            var weight = _weigh?.Invoke(value) ?? 0;
            while (_byUse.Last is { } last && _weight + weight > _weightMax)
            {
                Remove(last);
            }

            _weight += weight;
            _entries.Add(key, _byUse.AddFirst(new Entry(key, value, _time.GetTimestamp(), validFor, weight)));
        }
    }

    /// <summary>Forgets a key's value, if it has one.</summary>
    public void Remove(TKey key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _weight -= node.Value.Weight;
    }

    private readonly record struct Entry(TKey Key, TValue Value, long Since, TimeSpan ValidFor, int Weight);
}
