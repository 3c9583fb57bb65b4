using System.Collections.Concurrent;
using Relay.Messages.Destinations;

namespace Relay.Actors.Queues;

/// <summary>What destinations show of themselves while they work. Thread-safe; read for lists only, never for decisions.</summary>
public sealed class DestinationBoard
{
    private readonly ConcurrentDictionary<DestinationKey, DestinationStatus> _statuses = new();

    /// <summary>The status that a destination keeps up to date from now on.</summary>
    public DestinationStatus Add(DestinationKey destination) => _statuses[destination] = new DestinationStatus();

    /// <summary>A destination has ended. Its successor's status stays.</summary>
    public void Remove(DestinationKey destination, DestinationStatus status) =>
        _statuses.TryRemove(new KeyValuePair<DestinationKey, DestinationStatus>(destination, status));

    /// <summary>The status of a destination that works, or null.</summary>
    public DestinationStatus? Find(DestinationKey destination) => _statuses.GetValueOrDefault(destination);
}

/// <summary>What one destination shows. Written by its actor, read by anyone, who may see a value that is a moment old.</summary>
public sealed class DestinationStatus
{
    /// <summary>Open connections, those being opened too.</summary>
    public int Connections { get; set; }

    /// <summary>Attempts that may be on at once.</summary>
    public double Window { get; set; }
}
