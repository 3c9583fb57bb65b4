using System.Collections.Immutable;
using Relay.Messages.Ids;
using Relay.Smtp.Client;

namespace Relay.Messages.Destinations;

/// <summary>The recipients of one message that share a destination and are due: what one attempt is about.</summary>
/// <param name="Id">The message.</param>
/// <param name="Destination">Where these recipients are.</param>
/// <param name="Recipients">Their places in the message's envelope, ascending; at least one.</param>
public sealed record DeliveryItem(MessageId Id, DestinationKey Destination, ImmutableArray<int> Recipients);

/// <summary>What the queue and the destinations say to each other. Destinations pull; the queue never pushes.</summary>
public static class DestinationMessages
{
    /// <summary>Queue to destination: there is something to pull where there was nothing.</summary>
    public sealed record WorkAvailable(DestinationKey Destination);

    /// <summary>Destination to queue: give me up to <paramref name="Max"/> items.</summary>
    public sealed record PullWork(DestinationKey Destination, int Max);

    /// <summary>Queue to destination: what was pulled. Empty: a <see cref="WorkAvailable"/> will follow when there is more.</summary>
    public sealed record Work(ImmutableArray<DeliveryItem> Items);

    /// <summary>To the queue: the destination's actor has failed; what it had pulled and not finished is due again.</summary>
    public sealed record DestinationLost(DestinationKey Destination);

    /// <summary>To the queue: an attempt ended, with one outcome for each of the item's recipients, in its order.</summary>
    /// <param name="Item">What was tried.</param>
    /// <param name="Outcomes">One outcome a recipient.</param>
    /// <param name="NextHop">Host and address that were spoken to, or null when it did not come to that.</param>
    public sealed record AttemptFinished(DeliveryItem Item, ImmutableArray<RecipientOutcome> Outcomes, string? NextHop);
}
