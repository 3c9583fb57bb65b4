using Relay.Node.Listeners;

namespace Relay.Node.Encryption;

/// <summary>One place for a handshake, to be disposed of when it is over.</summary>
internal sealed class HandshakeSlot : IDisposable
{
    private readonly HandshakeSlots _slots;
    private readonly Action _giveWay;
    private volatile bool _isWaiting;
    private volatile bool _hasGivenWay;

    public HandshakeSlot(HandshakeSlots slots, ClientKey network, Action giveWay)
    {
        (_slots, Network, _giveWay) = (slots, network, giveWay);
        InAll = new(this);
        InNetwork = new(this);
    }

    /// <summary>True while it is the client's turn to send.</summary>
    public bool IsWaiting
    {
        get => _isWaiting;
        set => _isWaiting = value;
    }

    /// <summary>True when the handshake was ended for the sake of another.</summary>
    public bool HasGivenWay
    {
        get => _hasGivenWay;
        set => _hasGivenWay = value;
    }

    /// <summary>The client's network.</summary>
    internal ClientKey Network { get; }

    /// <summary>Its place among all; guarded by those.</summary>
    internal LinkedListNode<HandshakeSlot> InAll { get; }

    /// <summary>Its place among those of its network; guarded by those.</summary>
    internal LinkedListNode<HandshakeSlot> InNetwork { get; }

    /// <summary>Ends the handshake.</summary>
    public void GiveWay() => _giveWay();

    public void Dispose() => _slots.Release(this);
}
