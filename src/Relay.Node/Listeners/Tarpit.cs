namespace Relay.Node.Listeners;

/// <summary>How long the replies to one client wait for its errors. Pure; one for a connection.</summary>
internal struct Tarpit
{
    private int _seen;

    /// <summary>Looks at the errors so far, before replies are sent.</summary>
    /// <param name="errors">Errors since the last accepted message.</param>
    /// <param name="times">The times.</param>
    /// <returns>The wait for those that are new, zero for none.</returns>
    public TimeSpan Next(int errors, ConnectionTimes times)
    {
        var first = Math.Max(_seen, times.TarpitErrors);
        _seen = errors;
        if (errors <= first)
        {
            return TimeSpan.Zero;
        }

        var wait = times.Tarpit * (errors - first);
        return wait < times.TarpitMax ? wait : times.TarpitMax;
    }
}
