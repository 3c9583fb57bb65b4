using System.Collections.Immutable;
using Relay.Messages.Queues;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>Does what operators ask for to queued messages.</summary>
internal static class OperatorActions
{
    /// <summary>Takes a message that was accepted, and holds it before anybody can be handed it, where it is to be held.</summary>
    public static void Admit(QueueState queue, QueueMessages.MessageAccepted accepted, Moment at)
    {
        queue.Admit(accepted.Id, accepted.Message, accepted.Size, null, at);
        if (accepted.HoldReason is { } reason)
        {
            Change(queue, new QueueMessages.ChangeMessages(new QueueSelection { Ids = [accepted.Id] }, QueueAction.Hold, reason, CountOnly: false), at);
        }
    }

    /// <summary>Does it, or counts only.</summary>
    public static QueueMessages.MessagesChanged Change(QueueState queue, QueueMessages.ChangeMessages wish, Moment at)
    {
        int matched = 0, changed = 0, inFlight = 0;
        foreach (var message in Meant(queue, wish.Selection, at))
        {
            matched++;
            QueuedRecipient[] recipients = [.. message.Recipients.Where(recipient => Selections.Matches(recipient, wish.Selection) && IsFor(wish.Action, message, recipient))];
            if (recipients.Length == 0)
            {
                continue;
            }

            changed++;
            inFlight += Array.Exists(recipients, static recipient => recipient.InFlight) ? 1 : 0;
            if (!wish.CountOnly)
            {
                Change(queue, message, recipients, wish, at);
            }
        }

        return new QueueMessages.MessagesChanged(matched, changed, inFlight);
    }

    /// <summary>Removes or returns a recipient whose attempt is over; a retry and a hold need nothing more.</summary>
    /// <returns>True when its progress has changed.</returns>
    public static bool Apply(QueuedMessage message, QueuedRecipient recipient, QueueAction action, string reason, Moment at)
    {
        if (!IsFor(action, message, recipient))
        {
            return false;
        }

        recipient.Progress = action switch
        {
            QueueAction.Delete => recipient.Progress with { State = RecipientState.Removed },
            QueueAction.Bounce => Fates.Returned(message, recipient, reason, at.Now),
            QueueAction.Retry => recipient.Progress with { Due = Fates.ToMilliseconds(at.Now) },
            _ => recipient.Progress,
        };
        return true;
    }

    /// <summary>What the log calls it.</summary>
    public static string NameOf(QueueAction action) => action switch
    {
        QueueAction.Hold => "held",
        QueueAction.Release => "released",
        QueueAction.Retry => "retried",
        QueueAction.Delete => "removed",
        _ => "returned",
    };

    private static QueuedMessage[] Meant(QueueState queue, QueueSelection selection, Moment at)
    {
        var candidates = selection.Ids.IsEmpty ? queue.Messages : selection.Ids.Distinct().Select(queue.Find).OfType<QueuedMessage>();
        // Picked out first: what is done to them changes the index.
        return [.. candidates.Where(message => Selections.Matches(message, selection with { Ids = [] }, at.Now))];
    }

    private static bool IsFor(QueueAction action, QueuedMessage message, QueuedRecipient recipient) => action switch
    {
        QueueAction.Hold => recipient.IsWaiting && !message.IsHeld,
        QueueAction.Release => recipient.IsWaiting && message.IsHeld,
        QueueAction.Retry => recipient.IsWaiting && !message.IsHeld && !recipient.InFlight,
        QueueAction.Bounce => recipient.IsWaiting,
        _ => recipient.IsWaiting || recipient.Progress.State is RecipientState.Failed or RecipientState.Bouncing,
    };

    private static void Change(QueueState queue, QueuedMessage message, QueuedRecipient[] recipients, QueueMessages.ChangeMessages wish, Moment at)
    {
        var isWhole = wish.Action is QueueAction.Hold or QueueAction.Release;
        // Of those in flight it is said when it has happened: they may be delivered first.
        ImmutableArray<string> addresses = isWhole ? [] : [.. recipients.Where(static r => !r.InFlight).Select(static r => r.Address)];
        if (isWhole || !addresses.IsEmpty)
        {
            queue.Effects.Events.Add(new QueueEvent(message.Id, NameOf(wish.Action), addresses, wish.Reason));
        }

        switch (wish.Action)
        {
            case QueueAction.Hold:
                message.Hold = new MessageHold(wish.Reason, Fates.ToMilliseconds(at.Now), message.Held);
                foreach (var recipient in message.Recipients.Where(static r => r.Progress.Wish is not null))
                {
                    recipient.Progress = recipient.Progress with { Wish = null }; // the last wish is the one that counts
                }

                break;
            case QueueAction.Release:
                message.Hold = message.Hold is { } hold ? hold with { Reason = null, Before = hold.Before + (at.Now - hold.Since) } : null;
                recipients = [.. message.Recipients.Where(static r => r.IsWaiting)];
                Each(recipients, message, QueueAction.Retry, wish.Reason, at);
                break;
            default:
                Each(recipients, message, wish.Action, wish.Reason, at);
                break;
        }

        foreach (var group in recipients.Select(static r => r.Group).Distinct().ToArray())
        {
            if (group.Carrier is { } carrier)
            {
                queue.Sites.Recall(carrier);
            }
            else if (wish.Action is QueueAction.Retry or QueueAction.Release && group.Lane.Site is { } site)
            {
                queue.Sites.Unpark(site);
            }

            queue.Changed(group, at);
        }
    }

    private static void Each(QueuedRecipient[] recipients, QueuedMessage message, QueueAction action, string reason, Moment at)
    {
        foreach (var recipient in recipients)
        {
            if (recipient.InFlight)
            {
                recipient.Progress = recipient.Progress with { Wish = new RecipientWish(action, reason) };
            }
            else
            {
                Apply(message, recipient, action, reason, at);
            }
        }
    }
}
