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
    private int _unprovenInUse;
    private bool _isTurnOfUnproven;

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
    /// <param name="isProven">The destination has answered of late. Others have no more than one half of the slots, so that hosts that say nothing, however
    /// many, leave the other half to those that do.</param>
    /// <param name="waiter">Is woken when one may be free, in the order of asking, those of either kind by turns: no line of destinations that answer is so
    /// long that a new one never comes to its turn. Null: nobody waits.</param>
    /// <returns>False when all are taken; else <see cref="Release"/> must follow once.</returns>
    public bool TryTake(bool isProven, SlotWaiter? waiter = null)
    {
        lock (_gate)
        {
            if (_inUse < Max && (isProven || IsRoomForUnproven))
            {
                _inUse++;
                _unprovenInUse += isProven ? 0 : 1;
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

    /// <summary>The destination of a slot has answered.</summary>
    public void Prove()
    {
        SlotWaiter? next;
        lock (_gate)
        {
            _unprovenInUse--;
            next = TakeNext();
        }

        next?.Wake();
    }

    /// <summary>The connection of a slot is closed.</summary>
    /// <param name="isProven">As it was taken, or was proven since.</param>
    public void Release(bool isProven = true)
    {
        SlotWaiter? next;
        lock (_gate)
        {
            if (_inUse == 0)
            {
                throw new InvalidOperationException("A slot was given back that nobody had taken.");
            }

            _inUse--;
            _unprovenInUse -= isProven ? 0 : 1;
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
            if (!waiter.IsQueued)
            {
                next = TakeNext();
            }
        }

        next?.Wake();
    }

    /// <summary>Whoever was woken needs no slot: the next one is.</summary>
    public void PassOn()
    {
        SlotWaiter? next;
        lock (_gate)
        {
            next = TakeNext();
        }

        next?.Wake();
    }

    private bool IsRoomForUnproven => _unprovenInUse < (Max + 1) / 2;

    // One slot, one waiter: waking all of them would have all but one ask in vain.
    private SlotWaiter? TakeNext()
    {
        while (_inUse < Max)
        {
            SlotWaiter? next;
            if (IsRoomForUnproven && (_isTurnOfUnproven || _proven.Count == 0) && _unproven.TryDequeue(out next))
            {
                _isTurnOfUnproven = false;
            }
            else if (_proven.TryDequeue(out next))
            {
                _isTurnOfUnproven = true;
            }
            else
            {
                return null;
            }

            next.IsQueued = false;
            if (!next.HasLeft)
            {
                return next;
            }
        }

        return null;
    }
}
