using Relay.Actors.Bounces;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>What its age does to a message: its sender is warned, it is given up, a failure that nobody may be told of is no longer shown.</summary>
/// <remarks>A held message does not grow older.</remarks>
internal sealed class MessageAges(QueueState queue, QueueSchedule schedule, QueueLimits limits)
{
    private readonly Queue<QueuedMessage> _failed = new();

    /// <summary>Applies a new policy's times to messages that are there already.</summary>
    public void Follow(Moment at)
    {
        foreach (var message in queue.Messages)
        {
            Set(message, at);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(Moment at)
    {
        while (schedule.TryTakeAge(at.Now, out var message))
        {
            Grow(message, at);
        }
    }

    /// <summary>Sets when the message's age next changes something.</summary>
    public void Set(QueuedMessage message, Moment at) => schedule.SetAge(message, Next(message, at));

    /// <summary>Whether those who have failed are reported now, or wait for others of the message to fail too.</summary>
    public bool MayGather(QueuedMessage message, Moment at)
    {
        var owes = false;
        var others = false;
        foreach (var recipient in message.Recipients)
        {
            owes |= recipient.Progress.State is RecipientState.Bouncing or RecipientState.Relayed or RecipientState.InMailbox;
            others |= recipient.InFlight || (recipient.IsWaiting && !message.IsHeld && IsSoonTried(recipient, at));
        }

        if (!owes || message.IsReportUnderWay)
        {
            message.UnreportedSince = null;
            return owes;
        }

        message.UnreportedSince ??= at.Now;
        return !others || at.Now >= message.UnreportedSince + limits.GatherTime;
    }

    /// <summary>Its next attempt comes within the time that others may wait for it.</summary>
    private bool IsSoonTried(QueuedRecipient recipient, Moment at) =>
        recipient.Group.Lane.Site is { IsShut: false } && recipient.Progress.Due <= at.Now + limits.GatherTime;

    private void Grow(QueuedMessage message, Moment at)
    {
        var waiting = message.Recipients.Where(static recipient => recipient.IsIdle).ToArray();
        if (!message.IsHeld && waiting.Length > 0 && at.Now >= Fates.ExpiresAt(message, at))
        {
            foreach (var recipient in waiting)
            {
                recipient.Progress = Fates.Overdue(message, recipient, at.Now);
                queue.Effects.Events.Add(QueueEvent.Expired(message, recipient));
            }

            queue.Effects.Save(message);
        }
        else if (!message.IsHeld && !message.IsWarned && at.Now >= Fates.WarnsAt(message, at))
        {
            message.IsWarned = true;
            message.IsWarningOwed = waiting.Any(recipient => Fates.MayReport(message, recipient, DsnAction.Delayed));
            if (!message.IsWarningOwed)
            {
                queue.Effects.Save(message);
            }
        }
        else if (IsOnlyShown(message) && at.Now >= ShownUntil(message, at))
        {
            Forget(message);
            return;
        }

        queue.Settle(message, at);
    }

    private DateTimeOffset? Next(QueuedMessage message, Moment at)
    {
        if (IsOnlyShown(message))
        {
            Keep(message);
            return message.IsGone ? null : ShownUntil(message, at);
        }

        var next = message.UnreportedSince + limits.GatherTime;
        if (!message.IsHeld && Array.Exists(message.Recipients, static recipient => recipient.IsIdle))
        {
            var expires = Fates.ExpiresAt(message, at);
            var age = message.IsWarned ? expires : Earlier(Fates.WarnsAt(message, at), expires);
            next = next is { } gathered ? Earlier(gathered, age) : age;
        }

        return next;
    }

    /// <summary>Nothing is left to do but to show that somebody failed of whom nobody may be told.</summary>
    private static bool IsOnlyShown(QueuedMessage message) =>
        Array.TrueForAll(message.Recipients, static recipient => recipient.Progress.IsDone || recipient.Progress.State == RecipientState.Failed);

    private static DateTimeOffset ShownUntil(QueuedMessage message, Moment at) => message.Recipients.Max(static recipient => recipient.Progress.Due) + at.Delivery.Expire;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private void Keep(QueuedMessage message)
    {
        if (message.IsInFailed)
        {
            return;
        }

        message.IsInFailed = true;
        _failed.Enqueue(message);
        while (_failed.Count > limits.FailedKeptMax)
        {
            if (_failed.Dequeue() is { IsGone: false } oldest)
            {
                Forget(oldest);
            }
        }
    }

    private void Forget(QueuedMessage message)
    {
        queue.Effects.Events.Add(new QueueEvent(message.Id, "forgotten", [], "its failure was recorded and shown; nobody may be told of it"));
        queue.Remove(message);
    }
}
