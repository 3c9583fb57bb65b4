using System.Collections.Immutable;
using Relay.Actors.Spooling;
using Relay.Messages.Destinations;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>Carries items over one conversation: reads them from the spool, and makes as many transactions of each as its recipients need.</summary>
/// <param name="conversation">Where they go.</param>
/// <param name="resources">What they are carried with.</param>
/// <param name="onPart">Told of deliveries that are confirmed while others of the item are still to come, so that nothing that ends the attempt can undo them.</param>
internal sealed class ItemCarrier(
    OutboundConversation conversation, DeliveryResources resources, Action<DestinationMessages.AttemptFinished> onPart)
{
    /// <summary>Carries one item.</summary>
    public async Task<CarriedItem> CarryAsync(DeliveryItem item, CancellationToken stopping)
    {
        SpoolReader reader;
        try
        {
            reader = resources.Spool.OpenEntry(item.Id.ToEntryId());
        }
        catch (SpoolException e)
        {
            return Unreadable(item, e);
        }

        using (reader)
        {
            StoredMessage message;
            try
            {
                message = StoredMessageCodec.Decode(reader.Header.Span);
            }
            catch (InvalidDataException e)
            {
                return Unreadable(item, e);
            }

            var began = resources.Time.GetTimestamp();
            var outcomes = item.Recipients.Length == 1
                ? await CarryOneAsync(item.Recipients[0], message, reader, stopping).ConfigureAwait(false)
                : await CarryManyAsync(item, message, reader, began, stopping).ConfigureAwait(false);
            var facts = conversation.TakeFacts(message, resources.Time.GetElapsedTime(began));
            return new CarriedItem(outcomes, facts, conversation.SpoolTrouble);
        }
    }

    private static ClientTransaction Transaction(StoredMessage message, EnvelopeRecipient[] recipients, SpoolReader reader) =>
        Transaction(message, message.Envelope with { Recipients = recipients }, reader);

    private static ClientTransaction Transaction(StoredMessage message, Envelope envelope, SpoolReader reader) =>
        new(envelope, reader.Length, message.BodyHas8Bit) { HeaderMayHave8Bit = message.HeaderMayHave8Bit };

    private async Task<ImmutableArray<RecipientOutcome>> CarryOneAsync(
        int recipient, StoredMessage message, SpoolReader reader, CancellationToken stopping)
    {
        var all = message.Envelope.Recipients;
        var transaction = all.Count == 1 ? Transaction(message, message.Envelope, reader) : Transaction(message, [all[recipient]], reader);
        return [(await conversation.TransactAsync(transaction, reader, stopping).ConfigureAwait(false))[0]];
    }

    private async Task<ImmutableArray<RecipientOutcome>> CarryManyAsync(
        DeliveryItem item, StoredMessage message, SpoolReader reader, long began, CancellationToken stopping)
    {
        var outcomes = new RecipientOutcome[item.Recipients.Length];
        var left = Enumerable.Range(0, outcomes.Length).ToList();
        while (left.Count > 0)
        {
            var now = left[..Math.Min(left.Count, resources.DeliveryLimits.RecipientsMax)];
            left.RemoveRange(0, now.Count);
            var recipients = new EnvelopeRecipient[now.Count];
            for (var i = 0; i < recipients.Length; i++)
            {
                recipients[i] = message.Envelope.Recipients[item.Recipients[now[i]]];
            }

            var transaction = Transaction(message, recipients, reader);
            var round = await conversation.TransactAsync(transaction, reader, stopping, part => TellPart(now, part)).ConfigureAwait(false);
            for (var i = 0; i < now.Count; i++)
            {
                outcomes[now[i]] = round[i];
            }

            // Whoever was one too many is next, at once; each round delivers to somebody, so there is an end.
            if (round.Any(static outcome => outcome.Kind == OutcomeKind.Delivered))
            {
                left.InsertRange(0, now.Where(index => IsOneTooMany(outcomes[index])));
            }

            if (left.Count > 0)
            {
                TellPart(now, [.. round.Index().Where(static outcome => outcome.Item.Kind == OutcomeKind.Delivered)]);
            }
        }

        return [.. outcomes];

        void TellPart(List<int> transaction, IReadOnlyList<(int Place, RecipientOutcome Outcome)> delivered)
        {
            if (delivered.Count > 0)
            {
                var part = item with { Recipients = [.. delivered.Select(recipient => item.Recipients[transaction[recipient.Place]])] };
                var facts = conversation.TakeFacts(message, resources.Time.GetElapsedTime(began));
                onPart(new DestinationMessages.AttemptFinished(part, [.. delivered.Select(static recipient => recipient.Outcome)], facts) { GoesOn = true });
            }
        }
    }

    /// <summary>RFC 5321 section 4.5.3.1.10: the next transaction may take those whom this one had no room for.</summary>
    private static bool IsOneTooMany(RecipientOutcome outcome) =>
        outcome is { Kind: OutcomeKind.Deferred, Stage: ClientStage.Rcpt, Reply.Code: 452 or 552 };

    private CarriedItem Unreadable(DeliveryItem item, Exception trouble) => new(
        [.. Enumerable.Repeat(ClientOutcomes.Deferred(ClientStage.Body, ClientOutcomes.Unreadable), item.Recipients.Length)],
        conversation.TakeFacts(null, TimeSpan.Zero),
        trouble);
}

/// <summary>What became of an item.</summary>
/// <param name="Outcomes">One for each of its recipients, in its order.</param>
/// <param name="Facts">What is known of the attempt.</param>
/// <param name="SpoolTrouble">The spool's trouble, if that was the cause.</param>
internal sealed record CarriedItem(ImmutableArray<RecipientOutcome> Outcomes, AttemptFacts Facts, Exception? SpoolTrouble);
