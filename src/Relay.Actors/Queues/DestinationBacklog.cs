using Relay.Messages.Destinations;

namespace Relay.Actors.Queues;

/// <summary>The messages that are due at one destination, in the order they became due.</summary>
internal sealed class DestinationBacklog
{
    public DestinationBacklog(DestinationKey key)
    {
        Key = key;
    }

    public DestinationKey Key { get; }

    /// <summary>Due now. A message stands here at most once.</summary>
    public Queue<QueuedMessage> Ready { get; } = new();

    /// <summary>Recipients anywhere in the queue that belong here; at 0 the backlog is forgotten.</summary>
    public int Recipients { get; set; }

    /// <summary>True while the destination has been told that there is nothing more, so that the next message must be announced.</summary>
    public bool IsHungry { get; set; } = true;
}
