namespace Relay.Node.Listeners;

/// <summary>How long the replies to one client wait for its errors, and for mail that it sends although it is refused for now. Pure; one for a connection.</summary>
internal struct Tarpit
{
    private int _errors;
    private int _deferrals;

    /// <summary>Looks at both, before replies are sent.</summary>
    /// <param name="errors">Errors since the last accepted message.</param>
    /// <param name="deferrals">Mails refused for now since the last accepted message.</param>
    /// <param name="times">The times.</param>
    /// <returns>The wait for those that are new, zero for none.</returns>
    public TimeSpan Next(int errors, int deferrals, ConnectionTimes times)
    {
        var late = LateOf(ref _errors, errors, times.TarpitErrors) + LateOf(ref _deferrals, deferrals, times.TarpitDeferrals);
        var wait = times.Tarpit * late;
        return wait < times.TarpitMax ? wait : times.TarpitMax;
    }

    private static int LateOf(ref int seen, int now, int free)
    {
        var first = Math.Max(seen, free);
        seen = now;
        return Math.Max(now - first, 0);
    }
}
