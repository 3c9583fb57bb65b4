using System.Diagnostics.CodeAnalysis;

namespace Relay.Node.Dns;

/// <summary>Keeps values for a time each, and so many at the most: those not used for longest go first. Thread-safe.</summary>
internal sealed class TimedCache<TKey, TValue>
    where TKey : notnull
{
    private readonly int _entriesMax;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new(); // the last used first

    public TimedCache(int entriesMax, TimeProvider time)
    {
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

            _entries.Add(key, _byUse.AddFirst(new Entry(key, value, _time.GetTimestamp(), validFor)));
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
    }

    private readonly record struct Entry(TKey Key, TValue Value, long Since, TimeSpan ValidFor);
}
