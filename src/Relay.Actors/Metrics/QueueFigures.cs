namespace Relay.Actors.Metrics;

/// <summary>What metrics tell of the queue as it is now.</summary>
/// <param name="Messages">Messages in the queue.</param>
/// <param name="Held">Those of them that are held.</param>
/// <param name="ReportsWaiting">Reports that senders are owed and that are not durable yet.</param>
public readonly record struct QueueFigures(long Messages, long Held, long ReportsWaiting)
{
    /// <summary>Next-hop sites that are tried whenever there is mail for them.</summary>
    public long ActiveDestinations { get; init; }

    /// <summary>Those that are left alone for a while because they could not be reached.</summary>
    public long ParkedDestinations { get; init; }

    /// <summary>Those that an operator has paused, parked or not.</summary>
    public long PausedDestinations { get; init; }
}
