using Relay.Node.Dns;

namespace Relay.Node.Inquiries;

/// <summary>Remembers for a short time what name servers gave no answer about: asking them again at once would cost as much, and bring as little. Thread-safe.</summary>
internal sealed class TroubleMemory<TKey>
    where TKey : notnull
{
    private readonly TimedCache<TKey, bool> _troubles;
    private readonly TimeSpan _for;

    /// <param name="most">What is remembered at the most; what was not asked for longest goes first.</param>
    /// <param name="time">How long; zero for not at all.</param>
    /// <param name="clock">The clock.</param>
    public TroubleMemory(int most, TimeSpan time, TimeProvider clock)
    {
        _troubles = new TimedCache<TKey, bool>(most, clock);
        _for = time;
    }

    /// <summary>True while it is remembered.</summary>
    public bool IsInTrouble(TKey key) => _troubles.TryGet(key, out _, out _);

    /// <summary>There was no answer about it.</summary>
    public void Add(TKey key)
    {
        if (_for > TimeSpan.Zero)
        {
            _troubles.Set(key, true, _for);
        }
    }
}
