namespace Relay.Node.Inquiries;

/// <summary>Counts what runs at once, and lets no more begin than its limit. Thread-safe.</summary>
internal sealed class LookupPlaces
{
    private readonly int _most;
    private int _taken;

    public LookupPlaces(int most)
    {
        _most = most;
    }

    /// <summary>Takes a place.</summary>
    /// <returns>False when none is free; else <see cref="Leave"/> must follow.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= _most)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);
}
