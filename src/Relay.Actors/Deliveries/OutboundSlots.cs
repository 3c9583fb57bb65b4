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
            // One slot, one waiter: waking all of them would have all but one ask in vain.
            if (!_proven.TryDequeue(out next) && _inUse < MaxFor(isProven: false))
            {
                _unproven.TryDequeue(out next);
            }

            if (next is not null)
            {
                next.IsQueued = false;
            }
        }

        next?.Wake();
    }

    private int MaxFor(bool isProven) => isProven ? Max : (Max + 1) / 2;
}
