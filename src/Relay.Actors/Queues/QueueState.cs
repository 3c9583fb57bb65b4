using System.Collections.Immutable;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>What is to be done to the spool after an attempt.</summary>
internal enum SpoolEffect
{
    /// <summary>The attempt was not known to be on: nothing.</summary>
    None,

    /// <summary>Keep the new progress of the message's recipients.</summary>
    SaveState,

    /// <summary>Every recipient was delivered: the entry is done.</summary>
    Remove,
}

/// <summary>The index of this node's spool and the schedule of its messages. Pure: no actor, no clock, no disk.</summary>
/// <remarks>A message that has failed recipients and none waiting stays, so that its failure can be seen.</remarks>
internal sealed class QueueState
{
    private readonly Dictionary<MessageId, QueuedMessage> _messages = [];
    private readonly Dictionary<DestinationKey, DestinationBacklog> _backlogs = [];
    private readonly PriorityQueue<(QueuedMessage Message, DestinationBacklog Backlog), DateTimeOffset> _later = new();
    private readonly HashSet<DestinationKey> _toAnnounce = [];

    public int Count => _messages.Count;

    public IReadOnlyCollection<QueuedMessage> Messages => _messages.Values;

    /// <summary>When the next waiting message becomes due, or null.</summary>
    public DateTimeOffset? NextDue => _later.TryPeek(out _, out var due) ? due : null;

    public QueuedMessage? Find(MessageId id) => _messages.GetValueOrDefault(id);

    /// <summary>Takes a message into the index. A message that is there already is left alone.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="message">Its envelope and origin.</param>
    /// <param name="size">Its content in octets.</param>
    /// <param name="progress">Where its recipients stand, in the envelope's order.</param>
    /// <param name="route">Tells a recipient's destination.</param>
    /// <param name="now">The time.</param>
    public void Admit(
        MessageId id,
        StoredMessage message,
        long size,
        IReadOnlyList<RecipientProgress> progress,
        Func<MailPath, DestinationKey> route,
        DateTimeOffset now)
    {
        if (_messages.ContainsKey(id))
        {
            return;
        }

        var envelope = message.Envelope;
        var recipients = new QueuedRecipient[envelope.Recipients.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            var path = envelope.Recipients[i].Path;
            var backlog = BacklogOf(route(path));
            backlog.Recipients++;
            recipients[i] = new QueuedRecipient(path.Text, progress[i]) { Backlog = backlog };
        }

        var queued = new QueuedMessage(id, envelope.Sender.Text, size, message.AcceptedAt, recipients);
        _messages.Add(id, queued);
        for (var i = 0; i < recipients.Length; i++)
        {
            if (IsFirstOfItsBacklog(recipients, i))
            {
                Schedule(queued, recipients[i].Backlog, now);
            }
        }
    }

    /// <summary>Moves what has become due into its destination's backlog.</summary>
    public void Advance(DateTimeOffset now)
    {
        while (_later.TryPeek(out var next, out var due) && due <= now)
        {
            _later.Dequeue();
            MakeReady(next.Message, next.Backlog);
        }
    }

    /// <summary>Hands out up to <paramref name="max"/> items; fewer mean that the destination's next message will be announced.</summary>
    public ImmutableArray<DeliveryItem> Pull(DestinationKey destination, int max, DateTimeOffset now)
    {
        if (!_backlogs.TryGetValue(destination, out var backlog))
        {
            return [];
        }

        var items = ImmutableArray.CreateBuilder<DeliveryItem>(Math.Min(max, backlog.Ready.Count));
        while (items.Count < max && backlog.Ready.TryDequeue(out var message))
        {
            var due = DueRecipients(message, backlog, now);
            if (due.IsEmpty)
            {
                Schedule(message, backlog, now);
                continue;
            }

            foreach (var index in due)
            {
                message.Recipients[index].InFlight = true;
            }

            items.Add(new DeliveryItem(message.Id, destination, due));
        }

        backlog.IsHungry = items.Count < max;
        return items.DrainToImmutable();
    }

    /// <summary>Takes note of how an attempt ended. A recipient that was not in flight is left alone (I3).</summary>
    public SpoolEffect Finish(DestinationMessages.AttemptFinished attempt, RetrySchedule retry, DateTimeOffset now)
    {
        if (!_messages.TryGetValue(attempt.Item.Id, out var message))
        {
            return SpoolEffect.None;
        }

        var changed = false;
        DestinationBacklog? backlog = null;
        for (var i = 0; i < attempt.Item.Recipients.Length; i++)
        {
            var recipient = message.Recipients[attempt.Item.Recipients[i]];
            if (!recipient.InFlight)
            {
                continue;
            }

            recipient.InFlight = false;
            recipient.Progress = Next(recipient.Progress, attempt.Outcomes[i], retry, now);
            backlog = recipient.Backlog;
            changed = true;
        }

        if (backlog is null || !changed)
        {
            return SpoolEffect.None;
        }

        Schedule(message, backlog, now);
        if (!message.IsDelivered)
        {
            return SpoolEffect.SaveState;
        }

        Forget(message);
        return SpoolEffect.Remove;
    }

    /// <summary>Puts everything that is in flight to a destination back into its schedule, and has the destination told.</summary>
    public void Reclaim(DestinationKey destination, DateTimeOffset now)
    {
        if (!_backlogs.TryGetValue(destination, out var backlog))
        {
            return;
        }

        foreach (var message in _messages.Values)
        {
            var wasInFlight = false;
            foreach (var recipient in message.Recipients)
            {
                if (recipient.InFlight && ReferenceEquals(recipient.Backlog, backlog))
                {
                    recipient.InFlight = false;
                    wasInFlight = true;
                }
            }

            if (wasInFlight)
            {
                Schedule(message, backlog, now);
            }
        }

        backlog.IsHungry = backlog.Ready.Count == 0;
        if (!backlog.IsHungry)
        {
            _toAnnounce.Add(destination);
        }
    }

    /// <summary>The octets of a message's state for the spool.</summary>
    public static byte[] StateOf(QueuedMessage message) =>
        RecipientProgressCodec.Encode(Array.ConvertAll(message.Recipients, static r => r.Progress));

    /// <summary>Destinations that had nothing and have something now; each is told once.</summary>
    public IReadOnlyList<DestinationKey> TakeAnnouncements()
    {
        if (_toAnnounce.Count == 0)
        {
            return [];
        }

        var keys = _toAnnounce.ToArray();
        _toAnnounce.Clear();
        return keys;
    }

    private static RecipientProgress Next(RecipientProgress before, RecipientOutcome outcome, RetrySchedule retry, DateTimeOffset now)
    {
        var attempts = before.Attempts + 1;
        return outcome.Kind switch
        {
            OutcomeKind.Delivered => new RecipientProgress(RecipientState.Delivered, attempts, now, outcome),
            OutcomeKind.Bounced => new RecipientProgress(RecipientState.Failed, attempts, now, outcome),
            _ => new RecipientProgress(RecipientState.Waiting, attempts, ToMilliseconds(now + retry.Delay(attempts)), outcome),
        };
    }

    // As the spool keeps it, so that a restart changes nothing.
    private static DateTimeOffset ToMilliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static bool IsFirstOfItsBacklog(QueuedRecipient[] recipients, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (ReferenceEquals(recipients[i].Backlog, recipients[index].Backlog))
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<int> DueRecipients(QueuedMessage message, DestinationBacklog backlog, DateTimeOffset now)
    {
        var due = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < message.Recipients.Length; i++)
        {
            var recipient = message.Recipients[i];
            if (IsWaitingIn(recipient, backlog) && recipient.Progress.Due <= now)
            {
                due.Add(i);
            }
        }

        return due.DrainToImmutable();
    }

    private static bool IsWaitingIn(QueuedRecipient recipient, DestinationBacklog backlog) =>
        ReferenceEquals(recipient.Backlog, backlog) && recipient.Progress.State == RecipientState.Waiting && !recipient.InFlight;

    private void Schedule(QueuedMessage message, DestinationBacklog backlog, DateTimeOffset now)
    {
        DateTimeOffset? earliest = null;
        foreach (var recipient in message.Recipients)
        {
            if (IsWaitingIn(recipient, backlog) && (earliest is null || recipient.Progress.Due < earliest))
            {
                earliest = recipient.Progress.Due;
            }
        }

        if (earliest is not { } due)
        {
            return;
        }

        if (due <= now)
        {
            MakeReady(message, backlog);
        }
        else
        {
            _later.Enqueue((message, backlog), due);
        }
    }

    private void MakeReady(QueuedMessage message, DestinationBacklog backlog)
    {
        backlog.Ready.Enqueue(message);
        if (backlog.IsHungry)
        {
            backlog.IsHungry = false;
            _toAnnounce.Add(backlog.Key);
        }
    }

    private DestinationBacklog BacklogOf(DestinationKey key)
    {
        if (!_backlogs.TryGetValue(key, out var backlog))
        {
            backlog = new DestinationBacklog(key);
            _backlogs.Add(key, backlog);
        }

        return backlog;
    }

    private void Forget(QueuedMessage message)
    {
        _messages.Remove(message.Id);
        foreach (var recipient in message.Recipients)
        {
            recipient.Backlog.Recipients--;
            if (recipient.Backlog.Recipients == 0)
            {
                _backlogs.Remove(recipient.Backlog.Key);
            }
        }
    }
}
