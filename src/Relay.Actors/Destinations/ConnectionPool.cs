using System.Collections.Immutable;
using Akka.Actor;
using Relay.Actors.Deliveries;
using Relay.Messages.Destinations;

namespace Relay.Actors.Destinations;

/// <summary>The open connections of a destination: which are being opened, which are free, and what the others carry.</summary>
internal sealed class ConnectionPool
{
    private readonly Dictionary<IActorRef, DeliveryItem?> _assigned = [];
    private readonly Dictionary<IActorRef, OutboundPlace> _opening = [];
    private readonly List<IActorRef> _ahead = [];
    // The one used last is used next, so that surplus connections become idle and close.
    private readonly List<IActorRef> _idle = [];

    /// <summary>All of them.</summary>
    public int Count => _assigned.Count;

    /// <summary>Those that have not been ready yet.</summary>
    public IReadOnlyCollection<IActorRef> Opening => _opening.Keys;

    /// <summary>Those among them that know where to connect, and have no slot yet.</summary>
    public IReadOnlyList<IActorRef> Ahead => _ahead;

    /// <summary>Those that carry something.</summary>
    public int Busy => _assigned.Count - _opening.Count - _idle.Count;

    /// <summary>What they carry.</summary>
    public ImmutableArray<DeliveryItem> Carried => [.. _assigned.Values.OfType<DeliveryItem>()];

    /// <summary>Those that have nothing to do.</summary>
    public IReadOnlyList<IActorRef> Idle => _idle;

    public void AddOpening(IActorRef connection, OutboundPlace place)
    {
        _assigned.Add(connection, null);
        _opening.Add(connection, place);
    }

    /// <summary>The connection knows where to connect. One that was removed before stays removed.</summary>
    public void SetAhead(IActorRef connection)
    {
        if (_opening.ContainsKey(connection))
        {
            _ahead.Add(connection);
        }
    }

    /// <summary>Takes a slot for the first of those that are ahead; there must be one.</summary>
    /// <returns>Which one that was; null when there is no slot.</returns>
    public IActorRef? TryPlace(bool isProven, SlotWaiter waiter)
    {
        var first = _ahead[0];
        if (!_opening[first].TryTake(isProven, waiter))
        {
            return null;
        }

        _ahead.RemoveAt(0);
        return first;
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
        _ahead.Remove(connection);
        _idle.Remove(connection);
        return _assigned.Remove(connection, out var item) ? item : null;
    }
}
