namespace Relay.Actors.Deliveries;

/// <summary>The connections to next hops that a node may have at once, whatever their destinations. Thread-safe.</summary>
public sealed class OutboundSlots
{
    /// <summary>What a node has unless its limit of open files is lower. Default 2,000.</summary>
    public const int DefaultMax = 2_000;

    private readonly Lock _gate = new();
    private readonly Queue<SlotWaiter> _proven = new();
    private readonly Queue<SlotWaiter> _unproven = new();
    private int _inUse;

    /// <summary>Nothing is taken.</summary>
    /// <param name="max">Connections at once.</param>
    public OutboundSlots(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        Max = max;
    }

    /// <summary>Connections at once.</summary>
    public int Max { get; }

    /// <summary>Slots that are taken now.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Those in line now, whoever has left it among them.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _proven.Count + _unproven.Count;
            }
        }
    }

    /// <summary>True while half or more are taken.</summary>
    public bool AreScarce => InUse >= (Max + 1) / 2;

    /// <summary>Takes a slot for one connection.</summary>
    /// <param name="isProven">The destination has answered of late. Others share one half of the slots, so that hosts that say nothing, however
    /// many, leave the other half to those that do.</param>
    /// <param name="waiter">Is woken when one may be free, in the order of asking; null: nobody waits.</param>
    /// <returns>False when all are taken; else <see cref="Release"/> must follow once.</returns>
    public bool TryTake(bool isProven, SlotWaiter? waiter = null)
    {
        lock (_gate)
        {
            if (_inUse < MaxFor(isProven))
            {
                _inUse++;
                return true;
            }

            if (waiter is { IsQueued: false })
            {
                waiter.IsQueued = true;
                (isProven ? _proven : _unproven).Enqueue(waiter);
            }

            return false;
        }
    }

    /// <summary>The connection of a slot is closed.</summary>
    public void Release()
    {
        SlotWaiter? next;
        lock (_gate)
        {
            if (_inUse == 0)
            {
                throw new InvalidOperationException("A slot was given back that nobody had taken.");
            }

            _inUse--;
            next = TakeNext();
        }

        next?.Wake();
    }

    /// <summary>Whoever waited wants no slot any more. When it was woken for one, the next one is.</summary>
    public void Leave(SlotWaiter waiter)
    {
        SlotWaiter? next = null;
        lock (_gate)
        {
            waiter.HasLeft = true;
            if (!waiter.IsQueued && _inUse < Max)
            {
                next = TakeNext();
            }
        }

        next?.Wake();
    }

    // One slot, one waiter: waking all of them would have all but one ask in vain.
    private SlotWaiter? TakeNext()
    {
        while (_proven.TryDequeue(out var next) || (_inUse < MaxFor(isProven: false) && _unproven.TryDequeue(out next)))
        {
            next.IsQueued = false;
            if (!next.HasLeft)
            {
                return next;
            }
        }

        return null;
    }

    private int MaxFor(bool isProven) => isProven ? Max : (Max + 1) / 2;
}
