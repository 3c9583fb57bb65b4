using Relay.Policy.Values;

namespace Relay.Node.Listeners;

/// <summary>How fast clients do something: for each the time at which its allowance is whole again (GCRA: one number, no refill). Not thread-safe.</summary>
internal sealed class ClientRates
{
    private readonly Dictionary<ClientKey, long> _wholeAt = [];
    private readonly TimeProvider _time;
    private readonly int _trackedMax;
    private long _forgetNotBefore;

    public ClientRates(TimeProvider time, int trackedMax)
    {
        _time = time;
        _trackedMax = trackedMax;
    }

    /// <summary>Takes one from the client's allowance: the rate's count at once, then one for each interval.</summary>
    /// <returns>False when the allowance is used up.</returns>
    public bool TryTake(ClientKey client, Rate rate)
    {
        var now = _time.GetTimestamp();
        var period = (long)(rate.Period.TotalSeconds * _time.TimestampFrequency);
        var interval = Math.Max(1, period / rate.Count);
        var wholeAt = Math.Max(now, _wholeAt.GetValueOrDefault(client)) + interval;
        if (wholeAt - now > period)
        {
            return false;
        }

        if (_wholeAt.Count >= _trackedMax && !_wholeAt.ContainsKey(client))
        {
            ForgetIdle(now);
            if (_wholeAt.Count >= _trackedMax)
            {
                // More clients at once than can be remembered: the other limits still hold, and nobody's allowance is reset.
                return true;
            }
        }

        _wholeAt[client] = wholeAt;
        return true;
    }

    // At most once a second: a flood of new clients must not buy a walk through the table with each connection.
    private void ForgetIdle(long now)
    {
        if (now < _forgetNotBefore)
        {
            return;
        }

        _forgetNotBefore = now + _time.TimestampFrequency;
        foreach (var (client, wholeAt) in _wholeAt)
        {
            if (wholeAt <= now)
            {
                _wholeAt.Remove(client);
            }
        }
    }
}
