namespace Relay.Node.Encryption;

/// <summary>How many handshakes are on. Nobody waits for a place: there is one at once, or none. Thread-safe.</summary>
internal sealed class HandshakeSlots
{
    private readonly int _max;
    private int _taken;

    public HandshakeSlots(int max)
    {
        _max = max;
    }

    /// <summary>Handshakes now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a place, which is given back by disposing of it; null when there is none.</summary>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= _max)
        {
            return new Slot(this);
        }

        Interlocked.Decrement(ref _taken);
        return null;
    }

    private sealed class Slot : IDisposable
    {
        private HandshakeSlots? _slots;

        public Slot(HandshakeSlots slots)
        {
            _slots = slots;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _slots, null) is { } slots)
            {
                Interlocked.Decrement(ref slots._taken);
            }
        }
    }
}
