using Akka.Actor;

namespace Relay.Actors.Policy.Limits;

/// <summary>Nodes that died of late, and since when they give nothing: their part of the rate is nobody's until their shards begin elsewhere. Not thread-safe; no clock.</summary>
internal sealed class LostNodes
{
    /// <summary>How long one is remembered that was removed: its shards begin elsewhere within seconds.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Address, (long Since, long? RemovedAt)> _nodes = [];

    /// <summary>A node cannot be reached.</summary>
    public void Lost(Address node, long now)
    {
        // One that was removed has come back since, and is lost once more.
        if (!_nodes.TryGetValue(node, out var lost) || lost.RemovedAt is not null)
        {
            _nodes[node] = (now, null);
        }
    }

    /// <summary>It can be reached again.</summary>
    public void Found(Address node) => _nodes.Remove(node);

    /// <summary>A node was removed. One that left in order was never lost.</summary>
    public void Removed(Address node, long now)
    {
        if (_nodes.TryGetValue(node, out var lost))
        {
            _nodes[node] = (lost.Since, now);
        }
    }

    /// <summary>How long nobody gave what the last of them would have given; zero when none was removed of late.</summary>
    public TimeSpan SilentFor(long now)
    {
        foreach (var (node, lost) in _nodes)
        {
            if (lost.RemovedAt is { } at && now - at > KeptFor.Ticks)
            {
                _nodes.Remove(node);
            }
        }

        // Which of several had the shard is not known: the one that was lost last has been silent for the shortest time.
        var removed = _nodes.Values.Where(static lost => lost.RemovedAt is not null).Select(static lost => lost.Since).ToArray();
        return removed.Length == 0 ? TimeSpan.Zero : new TimeSpan(now - removed.Max());
    }
}
