namespace Relay.Actors.Deliveries;

/// <summary>The one slot of a connection: its destination takes it once it is known where to connect, the connection gives it back when it stops. Thread-safe.</summary>
/// <param name="slots">The node's slots.</param>
public sealed class OutboundPlace(OutboundSlots slots)
{
    private readonly Lock _lock = new();
    private bool _isHeld;
    private bool _isProven;
    private bool _isClosed;

    /// <summary>True while there is a slot.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock)
            {
                return _isHeld;
            }
        }
    }

    /// <summary>Takes a slot. A connection that has stopped needs none.</summary>
    /// <param name="isProven">As <see cref="OutboundSlots.TryTake"/> has it.</param>
    /// <param name="waiter">Is woken when one may be free.</param>
    /// <returns>False when all are taken.</returns>
    public bool TryTake(bool isProven, SlotWaiter waiter)
    {
        lock (_lock)
        {
            if (!_isClosed && !_isHeld)
            {
                _isHeld = slots.TryTake(isProven, waiter);
                _isProven = isProven;
            }

            return _isClosed || _isHeld;
        }
    }

    /// <summary>The next hop has answered: it counts as one that does.</summary>
    public void Prove()
    {
        lock (_lock)
        {
            if (!_isHeld || _isProven)
            {
                return;
            }

            _isProven = true;
        }

        slots.Prove();
    }

    /// <summary>The connection has stopped.</summary>
    public void Close()
    {
        bool wasHeld;
        lock (_lock)
        {
            (wasHeld, _isHeld, _isClosed) = (_isHeld, false, true);
        }

        if (wasHeld)
        {
            slots.Release(_isProven);
        }
    }
}
