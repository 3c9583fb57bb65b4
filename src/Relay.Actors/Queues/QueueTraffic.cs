using System.Collections.Immutable;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>Hands due mail out to destinations and takes note of what became of it.</summary>
internal sealed class QueueTraffic(QueueState queue, TimeSpan suspectAlone)
{
    // Suspects set out one at a time, so that a crash tells which of them it was.
    private readonly Queue<RecipientGroup> _grounded = new();
    private QueuedMessage? _suspect;
    private DateTimeOffset _suspectAloneUntil;

    /// <summary>When the next suspect may set out at the latest, or null.</summary>
    public DateTimeOffset? NextDue => _suspect is null ? null : _suspectAloneUntil;

    /// <summary>Lets time pass.</summary>
    public void Advance(Moment at)
    {
        if (at.Now >= NextDue)
        {
            // Whatever kills a process does so at once; this one has come upon a slow host, and the others need not wait for that.
            LetNextSetOut(at);
        }
    }

    /// <summary>Hands out up to <paramref name="max"/> items; fewer mean that the destination's next message will be announced.</summary>
    public ImmutableArray<DeliveryItem> Pull(DestinationKey destination, int max, Moment at)
    {
        if (queue.Routes.FindSite(destination) is not { } site)
        {
            return [];
        }

        var allowed = site.IsShut || site.IsProbed ? 0 : site.Failures > 0 ? 1 : max;
        var items = ImmutableArray.CreateBuilder<DeliveryItem>(Math.Min(allowed, site.Ready.Count));
        while (items.Count < allowed && site.Ready.TryDequeue(out var group))
        {
            if (TryTake(group, site, at) is { } item)
            {
                items.Add(item);
            }
        }

        site.IsHungry = items.Count < max;
        return items.DrainToImmutable();
    }

    /// <summary>Takes note of how an attempt ended, or of whom it has delivered to so far. A recipient that was not in flight is left alone (I3).</summary>
    /// <returns>The message and the recipients whose fate this was; null when no such attempt was known to be on.</returns>
    public FinishedAttempt? Finish(DestinationMessages.AttemptFinished attempt, Moment at)
    {
        var item = attempt.Item;
        if (queue.Routes.FindSite(item.Destination) is { } site && attempt.Outcomes.Any(static outcome => HasBeenReached(outcome.Stage)))
        {
            queue.Sites.Reached(site);
        }

        if (FindAloft(item) is not [var first, ..] groups)
        {
            return null;
        }

        var message = first.Message;
        var decided = DecidedBy(item, message);
        foreach (var i in decided)
        {
            var recipient = message.Recipients[item.Recipients[i]];
            recipient.InFlight = false;
            End(message, recipient, attempt.Outcomes[i], attempt.Facts, at);
        }

        if (!attempt.GoesOn)
        {
            message.Crashes = 0; // it has come through
            Landed(groups, at);
        }

        foreach (var group in groups)
        {
            queue.Changed(group, at);
        }

        return new FinishedAttempt(message, decided);
    }

    /// <summary>Takes back what was handed out and not begun: it is due as before.</summary>
    public void Return(IEnumerable<DeliveryItem> items, Moment at)
    {
        foreach (var item in items)
        {
            TakeBack(FindAloft(item), at);
        }
    }

    /// <summary>Takes back what was begun and cut short by ourselves: nobody knows more than that it is due as before.</summary>
    public void Cut(IEnumerable<DeliveryItem> items, Moment at)
    {
        foreach (var item in items)
        {
            if (FindAloft(item) is [{ Message: var message }, ..] groups)
            {
                ImmutableArray<string> addresses = [.. item.Recipients.Select(place => message.Recipients[place]).Where(static r => r.InFlight).Select(static r => r.Address)];
                if (!addresses.IsEmpty)
                {
                    queue.Effects.Events.Add(new QueueEvent(message.Id, "interrupted", addresses, $"the attempt at {item.Destination} was cut short; it is due as before"));
                }

                TakeBack(groups, at);
            }
        }
    }

    /// <summary>Puts everything that is in flight to a destination back into its schedule, and has the destination told.</summary>
    public void Reclaim(DestinationKey destination, Moment at)
    {
        if (queue.Routes.FindSite(destination) is not { } site)
        {
            return;
        }

        site.IsHungry = true;
        foreach (var message in queue.Messages.ToArray())
        {
            TakeBack([.. QueueState.GroupsOf(message).Where(group => group.Carrier == site)], at);
        }

        queue.Sites.Offer(site);
    }

    private void End(QueuedMessage message, QueuedRecipient recipient, RecipientOutcome outcome, AttemptFacts facts, Moment at)
    {
        recipient.Progress = Fates.After(message, recipient, outcome, facts, at);
        if (outcome.Kind == OutcomeKind.Deferred && !recipient.IsWaiting)
        {
            queue.Effects.Events.Add(QueueEvent.Expired(message, recipient));
        }
    }

    /// <summary>The item's recipients who are in flight, by their places in it.</summary>
    private static ImmutableArray<int> DecidedBy(DeliveryItem item, QueuedMessage message) =>
        item.Recipients.Length == 1 && message.Recipients[item.Recipients[0]].InFlight
            ? RecipientGroup.FirstAlone
            : DecidedOf(item, message);

    // Apart, as below: what a recipient alone has no use for is not made for it.
    private static ImmutableArray<int> DecidedOf(DeliveryItem item, QueuedMessage message) =>
        [.. Enumerable.Range(0, item.Recipients.Length).Where(i => message.Recipients[item.Recipients[i]].InFlight)];

    /// <summary>What the item is about, while it is on its way; nothing otherwise.</summary>
    private RecipientGroup[] FindAloft(DeliveryItem item)
    {
        if (queue.Find(item.Id) is not { } message)
        {
            return [];
        }

        var first = message.Recipients[item.Recipients[0]].Group;
        return item.Recipients.Length == 1
            ? IsAloft(first, item) ? [first] : []
            : GroupsAloft(item, message);
    }

    private static RecipientGroup[] GroupsAloft(DeliveryItem item, QueuedMessage message) =>
        [.. item.Recipients.Select(place => message.Recipients[place].Group).Distinct().Where(group => IsAloft(group, item))];

    private static bool IsAloft(RecipientGroup group, DeliveryItem item) => group.Carrier is { } carrier && carrier.Key.Equals(item.Destination);

    private static bool HasBeenReached(ClientStage stage) =>
        stage is ClientStage.Mail or ClientStage.Rcpt or ClientStage.Data or ClientStage.Body or ClientStage.EndOfData;

    private void TakeBack(RecipientGroup[] groups, Moment at)
    {
        foreach (var group in groups)
        {
            foreach (var index in group.Members)
            {
                group.Message.Recipients[index].InFlight = false;
            }
        }

        Landed(groups, at);
        foreach (var group in groups)
        {
            queue.Changed(group, at, isSaved: false);
        }
    }

    private void Landed(RecipientGroup[] groups, Moment at)
    {
        foreach (var group in groups)
        {
            var site = group.Carrier!;
            group.Carrier = null;
            queue.Sites.Ended(site);
        }

        if (groups is [{ Message: var message }, ..] && _suspect == message && !QueueState.GroupsOf(message).Any(static other => other.Carrier is not null))
        {
            LetNextSetOut(at);
        }
    }

    private void LetNextSetOut(Moment at)
    {
        _suspect = null;
        for (var left = _grounded.Count; left > 0; left--)
        {
            var next = _grounded.Dequeue();
            next.Place = GroupPlace.Nowhere;
            if (!next.Message.IsGone)
            {
                queue.Schedule(next, at);
            }
        }
    }

    private DeliveryItem? TryTake(RecipientGroup group, SiteBacklog site, Moment at)
    {
        if (group.Place != GroupPlace.Ready)
        {
            return null; // it has set out with another of its message
        }

        group.Place = GroupPlace.Nowhere;
        var message = group.Message;
        if (message.IsGone)
        {
            site.Stale--;
            return null;
        }

        if (message.Crashes > 0 && _suspect is { } aloft && aloft != message)
        {
            _grounded.Enqueue(group);
            group.Place = GroupPlace.Ready; // here, until the other has landed
            return null;
        }

        if (group.Lane.PolicyVersion != at.Policy.Version || group.Lane.Site != site)
        {
            queue.Sites.MakeReady(group, at);
            return null;
        }

        var due = ImmutableArray.CreateBuilder<int>();
        SetOut(group, site, due, at);
        if (due.Count == 0)
        {
            queue.Schedule(group, at);
            return null;
        }

        if (group.Members.Length < message.Recipients.Length)
        {
            // Whoever else of the message is due at the same site comes along: one transaction for all.
            foreach (var other in QueueState.GroupsOf(message))
            {
                if (other.Place == GroupPlace.Ready && other.Lane.Site == site && other.Lane.PolicyVersion == at.Policy.Version)
                {
                    SetOut(other, site, due, at);
                }
            }

            due.Sort();
        }

        if (message.Crashes > 0)
        {
            _suspect = message;
            _suspectAloneUntil = at.Now + suspectAlone;
        }

        return new DeliveryItem(message.Id, site.Key, due.DrainToImmutable()) { Flow = message.Sender.Length > 0 ? message.Flow : "" };
    }

    /// <summary>Those of the group that are due are in flight from now on; what its place still holds of it is passed over there.</summary>
    private static void SetOut(RecipientGroup group, SiteBacklog site, ImmutableArray<int>.Builder due, Moment at)
    {
        var before = due.Count;
        foreach (var index in group.Members)
        {
            var recipient = group.Message.Recipients[index];
            if (recipient.IsIdle && recipient.Progress.Due <= at.Now && !group.Message.IsHeld)
            {
                recipient.InFlight = true;
                due.Add(index);
            }
        }

        if (due.Count > before)
        {
            group.Place = GroupPlace.Nowhere;
            group.Carrier = site;
            site.InFlight++;
        }
    }
}

/// <summary>What an attempt has decided.</summary>
/// <param name="Message">The message; it may have left the queue.</param>
/// <param name="Decided">Whose fate it was, by their places in the attempt's outcomes: the others' was known already.</param>
internal readonly record struct FinishedAttempt(QueuedMessage Message, ImmutableArray<int> Decided);
