using System.Collections.Immutable;
using Akka.Actor;
using Relay.Messages.Destinations;

namespace Relay.Actors.Destinations;

/// <summary>The open connections of a destination: which are being opened, which are free, and what the others carry.</summary>
internal sealed class ConnectionPool
{
    private readonly Dictionary<IActorRef, DeliveryItem?> _assigned = [];
    private readonly HashSet<IActorRef> _opening = [];
    // The one used last is used next, so that surplus connections become idle and close.
    private readonly List<IActorRef> _idle = [];

    /// <summary>All of them.</summary>
    public int Count => _assigned.Count;

    /// <summary>Those that have not been ready yet.</summary>
    public IReadOnlyCollection<IActorRef> Opening => _opening;

    /// <summary>Those that carry something.</summary>
    public int Busy => _assigned.Count - _opening.Count - _idle.Count;

    /// <summary>What they carry.</summary>
    public ImmutableArray<DeliveryItem> Carried => [.. _assigned.Values.OfType<DeliveryItem>()];

    /// <summary>Those that have nothing to do.</summary>
    public IReadOnlyList<IActorRef> Idle => _idle;

    public void AddOpening(IActorRef connection)
    {
        _assigned.Add(connection, null);
        _opening.Add(connection);
    }

    /// <summary>The connection has nothing to do. One that was removed before stays removed.</summary>
    public void SetIdle(IActorRef connection)
    {
        if (_assigned.ContainsKey(connection))
        {
            _opening.Remove(connection);
            _assigned[connection] = null;
            _idle.Add(connection);
        }
    }

    /// <summary>Gives an item to a connection that has nothing to do; there must be one.</summary>
    public IActorRef TakeIdle(DeliveryItem item)
    {
        var connection = _idle[^1];
        _idle.RemoveAt(_idle.Count - 1);
        _assigned[connection] = item;
        return connection;
    }

    /// <summary>Forgets a connection.</summary>
    /// <returns>What it carried, or null.</returns>
    public DeliveryItem? Remove(IActorRef connection)
    {
        _opening.Remove(connection);
        _idle.Remove(connection);
        return _assigned.Remove(connection, out var item) ? item : null;
    }
}
