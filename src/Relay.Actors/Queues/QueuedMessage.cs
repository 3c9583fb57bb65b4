using Relay.Messages.Ids;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>One message of the queue's index: what scheduling and operators need, not its octets.</summary>
internal sealed class QueuedMessage
{
    public QueuedMessage(MessageId id, string sender, long size, DateTimeOffset acceptedAt, QueuedRecipient[] recipients)
    {
        Id = id;
        Sender = sender;
        Size = size;
        AcceptedAt = acceptedAt;
        Recipients = recipients;
    }

    public MessageId Id { get; }

    public string Sender { get; }

    /// <summary>Content in octets.</summary>
    public long Size { get; }

    public DateTimeOffset AcceptedAt { get; }

    /// <summary>In the order of the envelope.</summary>
    public QueuedRecipient[] Recipients { get; }

    /// <summary>True when every recipient was taken by its next hop: nothing is left to show or do.</summary>
    public bool IsDelivered => Array.TrueForAll(Recipients, static r => r.Progress.State == RecipientState.Delivered);
}

/// <summary>One recipient of a queued message.</summary>
internal sealed class QueuedRecipient
{
    public QueuedRecipient(string address, RecipientProgress progress)
    {
        Address = address;
        Progress = progress;
    }

    public string Address { get; }

    public RecipientProgress Progress { get; set; }

    public bool InFlight { get; set; }

    /// <summary>The backlog that this recipient waits in.</summary>
    public required DestinationBacklog Backlog { get; init; }
}
