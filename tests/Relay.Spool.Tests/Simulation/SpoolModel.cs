using Relay.Spool.Log;

namespace Relay.Spool.Tests.Simulation;

/// <summary>What a spool has promised so far, and so what a replay may and must show.</summary>
internal sealed class SpoolModel
{
    private readonly Dictionary<EntryId, Promise> _promises = [];

    private enum Status
    {
        /// <summary>Handed over, no answer yet: a replay may show it or not.</summary>
        Unknown,

        /// <summary>Acknowledged: a replay must show it.</summary>
        Live,

        /// <summary>Removal asked for but not durable: a replay may show it or not.</summary>
        Removing,

        /// <summary>Refused after a failure, and nothing acknowledged since: the failed bytes may still be found.</summary>
        Failed,

        /// <summary>A replay must not show it.</summary>
        Gone,
    }

    public IEnumerable<EntryId> LiveIds => _promises.Where(pair => pair.Value.Status == Status.Live).Select(pair => pair.Key).ToList();

    public EntryId? Pick(Random random)
    {
        var live = _promises.Where(pair => pair.Value.Status == Status.Live).ToList();
        return live.Count == 0 ? null : live[random.Next(live.Count)].Key;
    }

    public void Begun(EntryId id) => Assert.True(_promises.TryAdd(id, new Promise()), $"{id} was given twice");

    public void Committing(EntryId id, byte[] body, byte[] header)
    {
        _promises[id].Bytes = [.. header, .. body];
        // A commit can fail on the spot: then its fate is known already.
        if (_promises[id].Status == Status.Gone && !_promises[id].IsDecided)
        {
            _promises[id].Status = Status.Unknown;
        }
    }

    public void Acknowledged(EntryId id)
    {
        Decide(id, Status.Live);
        foreach (var promise in _promises.Values)
        {
            if (promise.Status == Status.Failed)
            {
                promise.Status = Status.Gone;
            }
        }
    }

    public void Failed(EntryId id, bool isWritten) => Decide(id, isWritten ? Status.Failed : Status.Gone);

    public void Removing(EntryId id) => _promises[id].Status = Status.Removing;

    public void Saving(EntryId id, byte[] state) => _promises[id].States.Add(state);

    /// <summary>What has been asked for and may not be durable.</summary>
    public Wishes WishesNow() => new(
        [.. _promises.Where(static pair => pair.Value.Status == Status.Removing).Select(static pair => pair.Key)],
        [.. _promises.Where(static pair => pair.Value is { Status: Status.Live, States.Count: > 0 }).Select(static pair => (pair.Key, pair.Value.States[^1]))]);

    /// <summary>All of it is said to be durable.</summary>
    public static void CheckDurable(Wishes wishes, Func<EntryId, Entry?> find)
    {
        Assert.All(wishes.Removals, id => Assert.True(find(id) is null, $"the removal of {id} is not durable"));
        Assert.All(
            wishes.States,
            saved => Assert.False(find(saved.Id)?.PendingState is { } pending && pending.AsSpan().SequenceEqual(saved.State), $"the state of {saved.Id} is not durable"));
    }

    /// <summary>Looks at what is durable now: a removal that left the index, a state that is not pending.</summary>
    public void Observe(Func<EntryId, Entry?> find)
    {
        foreach (var (id, promise) in _promises)
        {
            var entry = promise.Status is Status.Removing or Status.Live ? find(id) : null;
            if (promise.Status == Status.Removing && entry is null)
            {
                promise.Status = Status.Gone;
            }
            else if (entry is { PendingState: null } && promise.Status == Status.Live && promise.States.Count > 0)
            {
                promise.States.RemoveRange(0, promise.States.Count - 1);
            }
            else if (promise.Status == Status.Live)
            {
                Assert.True(entry is not null, $"{id} left the index by itself");
            }
        }
    }

    /// <summary>Everything without an answer may have happened or not.</summary>
    public void Crashed()
    {
        foreach (var promise in _promises.Values)
        {
            if (promise.Status == Status.Failed)
            {
                promise.Status = Status.Unknown;
            }
        }
    }

    public void Recover(List<RecoveredEntry> recovered, Func<EntryId, byte[]> read)
    {
        var seen = new HashSet<EntryId>();
        foreach (var entry in recovered)
        {
            Assert.True(seen.Add(entry.Id), $"{entry.Id} was recovered twice");
            Assert.True(_promises.TryGetValue(entry.Id, out var promise), $"{entry.Id} was never begun");
            Assert.True(promise!.Status != Status.Gone, $"{entry.Id} came back");
            Assert.Equal(promise.Bytes, read(entry.Id));
            Assert.True(promise.Bytes.AsSpan().StartsWith(entry.Header.Span));
            Assert.Equal(promise.Bytes!.Length - entry.Header.Length, entry.Length);
            CheckState(promise, entry);
            promise.Status = Status.Live;
        }

        foreach (var (id, promise) in _promises)
        {
            if (!seen.Contains(id))
            {
                Assert.True(promise.Status != Status.Live, $"{id} was acknowledged and is lost");
                promise.Status = Status.Gone;
                promise.IsDecided = true;
            }
        }
    }

    public void CheckBody(EntryId id, byte[] bytes) => Assert.Equal(_promises[id].Bytes, bytes);

    private static void CheckState(Promise promise, RecoveredEntry entry)
    {
        var state = entry.State.ToArray();
        var isFirst = !promise.IsStateDurable && state.Length == 0;
        Assert.True(
            isFirst || promise.States.Exists(saved => saved.AsSpan().SequenceEqual(state)), $"{entry.Id} has a state older than the last durable one");
        promise.States.Clear();
        promise.IsStateDurable = state.Length > 0;
        if (state.Length > 0)
        {
            promise.States.Add(state);
        }
    }

    private void Decide(EntryId id, Status status)
    {
        _promises[id].Status = status;
        _promises[id].IsDecided = true;
    }

    /// <summary>Removals, and the last state of each entry.</summary>
    internal sealed record Wishes(IReadOnlyList<EntryId> Removals, IReadOnlyList<(EntryId Id, byte[] State)> States);

    private sealed class Promise
    {
        public Status Status { get; set; } = Status.Gone;

        public bool IsDecided { get; set; }

        public byte[]? Bytes { get; set; }

        /// <summary>States that a replay may show: the last durable one and all saved since.</summary>
        public List<byte[]> States { get; } = [];

        public bool IsStateDurable { get; set; }
    }
}
