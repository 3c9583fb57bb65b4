using System.Collections.Immutable;
using Relay.Messages.Ids;
using Relay.Smtp.Client;

namespace Relay.Messages.Destinations;

/// <summary>The recipients of one message that share a destination and are due: what one attempt is about.</summary>
/// <param name="Id">The message.</param>
/// <param name="Destination">Where these recipients are.</param>
/// <param name="Recipients">Their places in the message's envelope, ascending; at least one.</param>
public sealed record DeliveryItem(MessageId Id, DestinationKey Destination, ImmutableArray<int> Recipients)
{
    /// <summary>Whose mail it is, as far as turns are taken; empty for mail without a sender.</summary>
    public string Flow { get; init; } = "";
}

/// <summary>What the queue and the destinations say to each other. Destinations pull; the queue never pushes.</summary>
public static class DestinationMessages
{
    /// <summary>Queue to destination: there is something to pull where there was nothing.</summary>
    public sealed record WorkAvailable(DestinationKey Destination);

    /// <summary>Destination to queue: give me up to <paramref name="Max"/> items.</summary>
    public sealed record PullWork(DestinationKey Destination, int Max);

    /// <summary>Queue to destination: what was pulled. Empty: a <see cref="WorkAvailable"/> will follow when there is more.</summary>
    public sealed record Work(ImmutableArray<DeliveryItem> Items);

    /// <summary>To the queue: the site as a whole could not be reached. What was pulled and not begun comes back untouched.</summary>
    /// <param name="Destination">The site.</param>
    /// <param name="Failure">Why: to be tried again.</param>
    /// <param name="Facts">Host and address that were tried last, if there were any, and how long it took.</param>
    /// <param name="Items">What was pulled and not begun.</param>
    public sealed record SiteFailed(DestinationKey Destination, RecipientOutcome Failure, AttemptFacts Facts, ImmutableArray<DeliveryItem> Items);

    /// <summary>Queue to destination: give back what you have not begun. Answered with <see cref="WorkReturned"/>.</summary>
    public sealed record ReturnWork(DestinationKey Destination);

    /// <summary>Destination to queue: pulled, not begun, and given back.</summary>
    public sealed record WorkReturned(ImmutableArray<DeliveryItem> Items);

    /// <summary>To the queue: the destination's actor has failed; what it had pulled and not finished is due again.</summary>
    public sealed record DestinationLost(DestinationKey Destination);

    /// <summary>To the queue: an attempt ended, with one outcome for each of the item's recipients, in its order.</summary>
    /// <param name="Item">What was tried; while the attempt goes on, with the recipients that are spoken of only.</param>
    /// <param name="Outcomes">One outcome a recipient.</param>
    /// <param name="Facts">What is known of the conversation.</param>
    public sealed record AttemptFinished(DeliveryItem Item, ImmutableArray<RecipientOutcome> Outcomes, AttemptFacts Facts)
    {
        /// <summary>
        /// The attempt goes on for others of its recipients: these have been delivered to, which is to be known whatever becomes of the rest.
        /// At the end they are spoken of again, with all.
        /// </summary>
        public bool GoesOn { get; init; }
    }

    /// <summary>To the queue: these attempts were cut short by us, at a stop or by a defect. Whoever is not known to have been delivered to is due as before.</summary>
    public sealed record AttemptsCut(ImmutableArray<DeliveryItem> Items);

    /// <summary>Operator to queue: lists the destinations. Answered with <see cref="DestinationsListed"/>.</summary>
    public sealed record ListDestinations;

    /// <summary>The answer to <see cref="ListDestinations"/>, by name.</summary>
    public sealed record DestinationsListed(ImmutableArray<DestinationView> Destinations);

    /// <summary>Operator to queue: begin no attempt to a destination until then. Answered with <see cref="DestinationChanged"/>.</summary>
    /// <param name="Name">A destination's name, or a recipient domain.</param>
    /// <param name="Until">When it goes on by itself.</param>
    /// <param name="Reason">Why, in the operator's words.</param>
    public sealed record PauseDestination(string Name, DateTimeOffset Until, string Reason);

    /// <summary>Operator to queue: ends a pause, and the waiting of a destination that is parked. Answered with <see cref="DestinationChanged"/>.</summary>
    public sealed record ResumeDestination(string Name);

    /// <summary>The answer to <see cref="PauseDestination"/> and <see cref="ResumeDestination"/>: the names of the destinations that were meant; none when there is no such destination.</summary>
    public sealed record DestinationChanged(ImmutableArray<string> Names);
}

/// <summary>A destination as operators see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">working, idle, parked or paused.</param>
/// <param name="Messages">Messages that wait for it or are on their way to it.</param>
/// <param name="InFlight">Attempts that are on.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="Window">Attempts that may be on at once.</param>
/// <param name="Until">When a pause or parking ends; null otherwise.</param>
/// <param name="Reason">Why it is paused (the operator's words) or parked (the last reply); null otherwise.</param>
/// <param name="Domains">Recipient domains that it serves, the first ten by name.</param>
public sealed record DestinationView(
    string Name,
    string State,
    int Messages,
    int InFlight,
    int Connections,
    double Window,
    DateTimeOffset? Until,
    string? Reason,
    ImmutableArray<string> Domains);
