using Relay.Messages.Queues;

namespace Relay.Actors.Queues;

/// <summary>Answers an operator's questions from the index.</summary>
internal static class QueueViews
{
    public static QueueMessages.QueueListed List(IEnumerable<QueuedMessage> messages, QueueMessages.ListMessages query, Moment at)
    {
        var matches = new List<QueuedMessage>();
        foreach (var message in messages)
        {
            if (Selections.Matches(message, query.Selection, at.Now))
            {
                matches.Add(message);
            }
        }

        matches.Sort(static (a, b) => a.AcceptedAt != b.AcceptedAt ? a.AcceptedAt.CompareTo(b.AcceptedAt) : a.Id.CompareTo(b.Id));
        var shown = Math.Clamp(query.Limit, 0, Math.Min(QueueMessages.ListMax, matches.Count));
        return new QueueMessages.QueueListed([.. matches[..shown].ConvertAll(message => View(message, at))], matches.Count);
    }

    public static QueueMessages.QueuedMessageView View(QueuedMessage message, Moment at) => new(
        message.Id,
        message.Sender,
        message.Size,
        message.AcceptedAt,
        message.Hold is { Reason: not null } hold ? Fates.ExpiresAt(message, at) + (at.Now - hold.Since) : Fates.ExpiresAt(message, at),
        Selections.StateOf(message),
        message.Hold?.Reason,
        [.. Array.ConvertAll(message.Recipients, recipient => View(message, recipient))]);

    private static QueueMessages.QueuedRecipientView View(QueuedMessage message, QueuedRecipient recipient)
    {
        var state = Selections.StateOf(message, recipient);
        var (lane, site) = (recipient.Group.Lane, recipient.Group.Lane.Site);
        var progress = recipient.Progress;
        DateTimeOffset? next = null;
        if (state is "queued" or "deferred")
        {
            next = (site, lane) switch
            {
                ({ ParkedUntil: { } parked }, _) => Later(parked, progress.Due),
                ({ PausedUntil: { } paused }, _) => Later(paused, progress.Due),
                (null, { LastFailure: not null }) => Later(lane.RetryAt, progress.Due),
                _ => state == "deferred" && progress.Due > DateTimeOffset.MinValue ? progress.Due : null,
            };
            progress = Fates.WithNewestTrouble(recipient);
        }

        return new(recipient.Address, state, site?.Key.Name, progress, next)
        {
            Then = recipient.Progress.Wish?.Action ?? (message.IsHeld && recipient.InFlight ? QueueAction.Hold : null),
        };
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
