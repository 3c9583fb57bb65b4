using System.Collections.Immutable;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;

namespace Relay.Actors.Logging;

/// <summary>The mail log: one line for each fate of a message, always with the id that its 250 gave.</summary>
public interface IMailLog
{
    /// <summary>A message was answered with 250.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="message">What is kept of it.</param>
    /// <param name="size">Its octets, our trace header included.</param>
    /// <param name="tls">Version and cipher suite of the conversation that brought it; null without TLS.</param>
    void Accepted(MessageId id, StoredMessage message, long size, string? tls);

    /// <summary>An attempt ended; one line for each of the item's recipients.</summary>
    /// <param name="item">What was tried.</param>
    /// <param name="addresses">The recipients' addresses, in the item's order.</param>
    /// <param name="outcomes">Their outcomes, in the item's order.</param>
    /// <param name="facts">What is known of the conversation.</param>
    /// <param name="age">Since the message was accepted.</param>
    void Attempted(
        DeliveryItem item, ImmutableArray<string> addresses, ImmutableArray<RecipientOutcome> outcomes, AttemptFacts facts, TimeSpan age);

    /// <summary>Something happened to a message other than an attempt; one line for each address, or one for the message.</summary>
    /// <param name="id">The message.</param>
    /// <param name="kind">bounced, expired, interrupted, returned, removed, held, suspected, released, retried, reported, failed, forgotten.</param>
    /// <param name="addresses">Whom it happened to; empty: the whole message.</param>
    /// <param name="reason">Why: a reply, or an operator's words.</param>
    void Happened(MessageId id, string kind, ImmutableArray<string> addresses, string? reason);
}
