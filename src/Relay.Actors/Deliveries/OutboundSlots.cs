namespace Relay.Actors.Deliveries;

/// <summary>The connections to next hops that a node may have at once, whatever their destinations. Thread-safe.</summary>
public sealed class OutboundSlots
{
    /// <summary>What a node has unless its limit of open files is lower. Default 2,000.</summary>
    public const int DefaultMax = 2_000;

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
    /// <returns>False when all are taken; else <see cref="Release"/> must follow once.</returns>
    public bool TryTake(bool isProven)
    {
        var max = isProven ? Max : (Max + 1) / 2;
        var seen = Volatile.Read(ref _inUse);
        while (seen < max)
        {
            var was = Interlocked.CompareExchange(ref _inUse, seen + 1, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }

        return false;
    }

    /// <summary>The connection of a slot is closed.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _inUse) < 0)
        {
            Interlocked.Increment(ref _inUse);
            throw new InvalidOperationException("A slot was given back that nobody had taken.");
        }
    }
}
