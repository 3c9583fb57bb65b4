namespace Relay.Node.Authentication;

/// <summary>Counts events by key, each key in a window that its first event opens. Bounded; not thread-safe.</summary>
/// <remarks>Entries stand in the order in which their windows began, so that the oldest are at hand: they end first, and give way first.</remarks>
/// <typeparam name="TKey">What is counted by.</typeparam>
internal sealed class WindowedCounts<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly Queue<(TKey Key, Entry Entry)> _order = new();
    private readonly TimeSpan _window;
    private readonly int _keysMax;

    /// <summary>Nothing is counted yet.</summary>
    /// <param name="window">How long a key's events count.</param>
    /// <param name="keysMax">Keys that are remembered; the oldest gives way to a new one.</param>
    public WindowedCounts(TimeSpan window, int keysMax)
    {
        (_window, _keysMax) = (window, keysMax);
    }

    /// <summary>Keys that are remembered.</summary>
    public int Keys => _entries.Count;

    /// <summary>Events of a key in its window.</summary>
    public int Of(TKey key, DateTimeOffset now)
    {
        Forget(now);
        return _entries.TryGetValue(key, out var entry) ? entry.Count : 0;
    }

    /// <summary>How many of a key's events have failed.</summary>
    public int FailuresOf(TKey key) => _entries.TryGetValue(key, out var entry) ? entry.Failures : 0;

    /// <summary>One event has failed, if it still counts.</summary>
    public void Fail(TKey key)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.Failures < entry.Count)
        {
            entry.Failures++;
        }
    }

    /// <summary>One more event.</summary>
    public void Add(TKey key, DateTimeOffset now)
    {
        Forget(now);
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.Count++;
            return;
        }

        Open(key, now);
    }

    /// <summary>One more event that is to count for a window of its own. A window less than half over stays as it is.</summary>
    public void Renew(TKey key, DateTimeOffset now)
    {
        Forget(now);
        if (!_entries.TryGetValue(key, out var entry) || now - entry.Began >= _window / 2)
        {
            Open(key, now);
        }
    }

    /// <summary>One event was none, if it still counts.</summary>
    public void TakeBack(TKey key)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.Count > 0)
        {
            entry.Count--;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.Entry.Began >= _window)
        {
            RemoveOldest();
        }
    }

    private void Open(TKey key, DateTimeOffset now)
    {
        if (_order.Count >= _keysMax)
        {
            RemoveOldest();
        }

        var entry = new Entry(now) { Count = 1 };
        _entries[key] = entry;
        _order.Enqueue((key, entry));
    }

    private void RemoveOldest()
    {
        var (key, entry) = _order.Dequeue();
        if (_entries.TryGetValue(key, out var now) && ReferenceEquals(now, entry))
        {
            _entries.Remove(key);
        }
    }

    private sealed class Entry(DateTimeOffset began)
    {
        public DateTimeOffset Began { get; } = began;

        public int Count { get; set; }

        public int Failures { get; set; }
    }
}
