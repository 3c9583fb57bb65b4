using System.Net;
using Relay.Node.Listeners;

namespace Relay.Node.Encryption;

/// <summary>The places for handshakes. Nobody waits for one: who waits longest for its own client gives way to whoever comes, or there is none. Thread-safe.</summary>
/// <remarks>
/// A place is held from the client's hello to the end of the handshake. A client that says nothing more, or one octet at a time, has it only as long as
/// nobody else wants it; one that is computed for keeps it, so that a crowd of clients does not undo what was done for those before it.
/// </remarks>
internal sealed class HandshakeSlots
{
    private readonly Lock _lock = new();
    private readonly int _max;
    private readonly int _maxOfNetwork;
    private readonly LinkedList<HandshakeSlot> _slots = []; // who has been in a place longest comes first
    private readonly Dictionary<ClientKey, LinkedList<HandshakeSlot>> _networks = [];

    /// <summary>All places are free.</summary>
    /// <param name="max">Handshakes at once.</param>
    /// <param name="maxOfNetwork">Those of one IPv4 /24 or IPv6 /48.</param>
    public HandshakeSlots(int max, int maxOfNetwork)
    {
        (_max, _maxOfNetwork) = (max, maxOfNetwork);
    }

    /// <summary>Handshakes now.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _slots.Count;
            }
        }
    }

    /// <summary>True when a client would find a place now.</summary>
    public bool HasPlace(IPAddress client)
    {
        lock (_lock)
        {
            return TryFindRoom(ClientKey.OfNetwork(client), out _);
        }
    }

    /// <summary>Takes a place, which is given back by disposing of it; null when there is none, and nobody who could give way.</summary>
    /// <param name="client">Who wants it.</param>
    /// <param name="giveWay">Ends the handshake; called on the thread of whoever needs the place, at most once. It must neither wait nor throw.</param>
    public HandshakeSlot? TryTake(IPAddress client, Action giveWay)
    {
        var network = ClientKey.OfNetwork(client);
        var slot = new HandshakeSlot(this, network, giveWay);
        HandshakeSlot? other;
        lock (_lock)
        {
            if (!TryFindRoom(network, out other))
            {
                return null;
            }

            if (other is not null)
            {
                Remove(other);
                other.HasGivenWay = true;
            }

            if (!_networks.TryGetValue(network, out var slots))
            {
                _networks[network] = slots = [];
            }

            _slots.AddLast(slot.InAll);
            slots.AddLast(slot.InNetwork);
        }

        other?.GiveWay();
        return slot;
    }

    /// <summary>A handshake is over.</summary>
    internal void Release(HandshakeSlot slot)
    {
        lock (_lock)
        {
            if (slot.InAll.List is not null)
            {
                Remove(slot);
            }
        }
    }

    // True when there is a place, or one whose holder is to give way. A network that has its share makes room for itself.
    private bool TryFindRoom(ClientKey network, out HandshakeSlot? other)
    {
        var own = _networks.GetValueOrDefault(network);
        var crowd = own?.Count >= _maxOfNetwork ? own : _slots.Count >= _max ? _slots : null;
        other = crowd?.FirstOrDefault(static slot => slot.IsWaiting);
        return crowd is null || other is not null;
    }

    private void Remove(HandshakeSlot slot)
    {
        _slots.Remove(slot.InAll);
        var slots = slot.InNetwork.List!;
        slots.Remove(slot.InNetwork);
        if (slots.Count == 0)
        {
            _networks.Remove(slot.Network);
        }
    }
}
