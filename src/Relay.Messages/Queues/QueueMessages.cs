using System.Collections.Immutable;
using Relay.Messages.Ids;
using Relay.Messages.Stored;

namespace Relay.Messages.Queues;

/// <summary>What the queue is told and asked.</summary>
public static class QueueMessages
{
    /// <summary>A message is durable and answered with 250: it is the queue's from now on.</summary>
    /// <param name="Id">Its name, as the 250 gave it.</param>
    /// <param name="Message">Its envelope and origin.</param>
    /// <param name="Size">Its content in octets, trace header included.</param>
    public sealed record MessageAccepted(MessageId Id, StoredMessage Message, long Size);

    /// <summary>Lists queued messages, oldest first. Answered with <see cref="QueueListed"/>.</summary>
    /// <param name="Sender">Only this sender's, compared without case; null for any.</param>
    /// <param name="Recipient">Only with this recipient, compared without case; null for any.</param>
    /// <param name="Domain">Only with a recipient in this domain; null for any.</param>
    /// <param name="Limit">At most this many.</param>
    public sealed record ListMessages(string? Sender, string? Recipient, string? Domain, int Limit);

    /// <summary>The answer to <see cref="ListMessages"/>.</summary>
    /// <param name="Messages">What matched, up to the limit.</param>
    /// <param name="Total">How many messages matched in all.</param>
    public sealed record QueueListed(ImmutableArray<QueuedMessageView> Messages, int Total);

    /// <summary>Shows one message. Answered with <see cref="QueueShown"/>.</summary>
    public sealed record ShowQueued(MessageId Id);

    /// <summary>The answer to <see cref="ShowQueued"/>; null when the queue has no such message.</summary>
    public sealed record QueueShown(QueuedMessageView? Message);

    /// <summary>One queued message as operators see it.</summary>
    public sealed record QueuedMessageView(
        MessageId Id, string Sender, long Size, DateTimeOffset ArrivedAt, ImmutableArray<QueuedRecipientView> Recipients);

    /// <summary>One recipient of a queued message as operators see it.</summary>
    /// <param name="Address">The recipient.</param>
    /// <param name="Destination">Its destination's name.</param>
    /// <param name="Progress">Where it stands.</param>
    /// <param name="InFlight">True while an attempt is on.</param>
    public sealed record QueuedRecipientView(string Address, string Destination, RecipientProgress Progress, bool InFlight);
}
