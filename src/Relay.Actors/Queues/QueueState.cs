using System.Collections.Immutable;
using Relay.Actors.Intake;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Policy.Decisions;

namespace Relay.Actors.Queues;

/// <summary>The index of this node's spool and the schedule of its messages. Pure: no actor, no clock, no disk.</summary>
/// <remarks>What a change asks of the world stands in <see cref="Effects"/> afterwards.</remarks>
internal sealed class QueueState
{
    private readonly Dictionary<MessageId, QueuedMessage> _messages = [];
    private readonly QueueSchedule _schedule = new();
    private readonly TextPool _texts = new();
    private readonly MessageAges _ages;
    private readonly SpoolShares _shares;
    private long? _policyVersion;

    /// <param name="limits">The bounds.</param>
    /// <param name="chance">From 0 to 1, for what must not happen all at once; called often.</param>
    /// <param name="shares">Is told who has how much in the queue.</param>
    public QueueState(QueueLimits limits, Func<double> chance, SpoolShares shares)
    {
        _shares = shares;
        Routes = new RoutingTable(limits.IdleLanesMax);
        Sites = new SiteControl(Routes, _schedule, Effects, limits, chance);
        _ages = new MessageAges(this, _schedule, limits);
        Traffic = new QueueTraffic(this, limits.SuspectTime);
    }

    public int Count => _messages.Count;

    public IReadOnlyCollection<QueuedMessage> Messages => _messages.Values;

    /// <summary>What is to be done about the changes so far.</summary>
    public QueueEffects Effects { get; } = new();

    public RoutingTable Routes { get; }

    public SiteControl Sites { get; }

    /// <summary>What goes to destinations and comes back.</summary>
    public QueueTraffic Traffic { get; }

    /// <summary>What is counted of the messages.</summary>
    public QueueTally Tally { get; } = new();

    /// <summary>When time next changes something, or null.</summary>
    public DateTimeOffset? NextDue => _schedule.NextDue is { } due && !(Traffic.NextDue < due) ? due : Traffic.NextDue;

    public QueuedMessage? Find(MessageId id) => _messages.GetValueOrDefault(id);

    /// <summary>Takes a message into the index. A message that is there already is left alone.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="message">Its envelope and origin.</param>
    /// <param name="size">Its content in octets.</param>
    /// <param name="progress">Where it stands; null: nothing was tried yet.</param>
    /// <param name="at">Policy and time.</param>
    public void Admit(MessageId id, StoredMessage message, long size, MessageProgress? progress, Moment at)
    {
        if (_messages.ContainsKey(id))
        {
            return;
        }

        Follow(at);
        var envelope = message.Envelope;
        var recipients = new QueuedRecipient[envelope.Recipients.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            var recipient = envelope.Recipients[i];
            recipients[i] = new QueuedRecipient(recipient.Path.Text, recipient.Notify, progress?.Recipients[i] ?? RecipientProgress.Fresh);
        }

        var queued = new QueuedMessage(id, _texts.Share(envelope.Sender.Text), _texts.Share(FlowOf(message, at)), size, message.AcceptedAt, recipients)
        {
            Share = _shares.Store(ShareOf(message, at), size),
        };
        if (progress is not null)
        {
            queued.Hold = progress is { HoldReason: null, Held.Ticks: 0 } ? null : new MessageHold(progress.HoldReason, progress.HeldSince, progress.Held);
            queued.IsWarned = progress.IsWarned;
            queued.Crashes = progress.Crashes;
        }

        _messages.Add(id, queued);
        foreach (var group in Group(queued, message))
        {
            if (group.Members.Any(index => recipients[index].Progress.Wish is not null))
            {
                Changed(group, at); // an operator wanted it before the process died
            }
            else
            {
                Schedule(group, at);
            }
        }

        Settle(queued, at);
    }

    /// <summary>Applies a policy that is new to all that is here already.</summary>
    public void Follow(Moment at)
    {
        if (_policyVersion != at.Policy.Version)
        {
            _policyVersion = at.Policy.Version;
            Sites.Follow(at);
            _ages.Follow(at);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(Moment at)
    {
        Follow(at);
        Sites.Advance(at);
        while (_schedule.TryTakeLater(at.Now, out var group))
        {
            Sites.MakeReady(group, at);
        }

        _ages.Advance(at);
        Traffic.Advance(at);
    }

    /// <summary>The site of a domain is known, or that it has none.</summary>
    public void Resolved(SiteMessages.SiteResolved answer, Moment at)
    {
        foreach (var group in Sites.Resolved(answer, at))
        {
            group.Place = GroupPlace.Nowhere;
            var message = group.Message;
            if (message.IsGone)
            {
                continue;
            }

            foreach (var recipient in Waiting(group))
            {
                recipient.Progress = Fates.After(message, recipient, answer.Failure!, AttemptFacts.None, at);
            }

            Effects.Events.Add(QueueEvent.Bounced(message.Id, AddressesOf(group), answer.Failure!));
            Changed(group, at);
        }
    }

    /// <summary>A report is durable, or will never be: who was spoken of is done.</summary>
    public void Reported(MessageId id, ReportKind kind, IEnumerable<int> recipients, Moment at)
    {
        if (_messages.GetValueOrDefault(id) is { } message)
        {
            message.EndReport(kind);
            Reports.Note(message, kind, recipients);
            Effects.Save(message);
            Settle(message, at);
        }
    }

    /// <summary>A report could not be made: it is owed anew, of whoever is to be spoken of now.</summary>
    public void NotReported(MessageId id, ReportKind kind, Moment at)
    {
        if (_messages.GetValueOrDefault(id) is { } message)
        {
            message.EndReport(kind);
            Settle(message, at);
        }
    }

    /// <summary>The group's recipients have changed: what an operator wanted of them is done, they find their next place, and so does the message.</summary>
    internal void Changed(RecipientGroup group, Moment at, bool isSaved = true)
    {
        var message = group.Message;
        foreach (var index in group.Members)
        {
            var recipient = message.Recipients[index];
            if (recipient is { InFlight: false, Progress.Wish: { } wish })
            {
                recipient.Progress = recipient.Progress with { Wish = null };
                if (OperatorActions.Apply(message, recipient, wish.Action, wish.Reason, at))
                {
                    isSaved = true;
                    Effects.Events.Add(new QueueEvent(message.Id, OperatorActions.NameOf(wish.Action), [recipient.Address], wish.Reason));
                }
            }
        }

        Schedule(group, at);
        Settle(message, at);
        if (isSaved && !message.IsGone)
        {
            Effects.Save(message);
        }
    }

    /// <summary>Finds the group's place in the schedule; none while an attempt is on, for its end looks again.</summary>
    internal void Schedule(RecipientGroup group, Moment at)
    {
        if (group.Carrier is not null)
        {
            return;
        }

        DateTimeOffset? earliest = null;
        foreach (var index in group.Members)
        {
            var recipient = group.Message.Recipients[index];
            if (recipient.IsIdle && (earliest is null || recipient.Progress.Due < earliest))
            {
                earliest = recipient.Progress.Due;
            }
        }

        if (earliest is not { } due || group.Message.IsHeld)
        {
            if (group.Place == GroupPlace.Later)
            {
                group.Place = GroupPlace.Nowhere;
            }
        }
        else if (due <= at.Now)
        {
            Sites.MakeReady(group, at);
        }
        else if (group.Place != GroupPlace.Ready && !(group.Place == GroupPlace.Later && group.LaterDue == due))
        {
            _schedule.AddLater(group, due);
        }
    }

    /// <summary>The message has changed: it leaves, or its reports and its age are looked at.</summary>
    internal void Settle(QueuedMessage message, Moment at)
    {
        if (message.IsGone)
        {
            return; // with another of its groups
        }

        // Not before the end of an attempt that has told of all its recipients already: that end is the site's too.
        if (Array.TrueForAll(message.Recipients, static recipient => recipient is { Progress.IsDone: true, Group.Carrier: null }))
        {
            Remove(message);
            return;
        }

        Reports.Collect(message, _ages.MayGather(message, at), Fates.ExpiresAt(message, at), Effects);
        _ages.Set(message, at);
        Tally.Note(message);
    }

    /// <summary>The message is done, or not to be kept any longer.</summary>
    internal void Remove(QueuedMessage message)
    {
        Effects.Remove(message);
        message.IsGone = true;
        Tally.Note(message);
        _shares.Drop(message.Share, message.Size);
        _messages.Remove(message.Id);
        _schedule.SetAge(message, null);
        foreach (var group in GroupsOf(message))
        {
            Sites.Abandon(group);
            Routes.Release(group.Lane);
        }
    }

    /// <summary>Those of the group that wait for an attempt.</summary>
    internal static IEnumerable<QueuedRecipient> Waiting(RecipientGroup group) =>
        group.Members.Select(index => group.Message.Recipients[index]).Where(static recipient => recipient.IsIdle);

    internal static IEnumerable<RecipientGroup> GroupsOf(QueuedMessage message) =>
        message.Recipients.Length == 1 ? [message.Recipients[0].Group] : message.Recipients.Select(static recipient => recipient.Group).Distinct();

    private static ImmutableArray<string> AddressesOf(RecipientGroup group) => [.. group.Members.Select(index => group.Message.Recipients[index].Address)];

    /// <summary>By whom a destination is shared out: the authenticated user, the sender of a client that may relay, else the client, for a stranger's sender is anyone's.</summary>
    private static string FlowOf(StoredMessage message, Moment at) =>
        message.Origin.User
        ?? (at.Policy.IsRelayNetwork(message.Origin.Address) ? message.Envelope.Sender.Text : message.Origin.Address.ToString());

    private static ShareKey ShareOf(StoredMessage message, Moment at)
    {
        var origin = message.Origin;
        return message.Report is not null
            ? ShareKey.Reports
            : ShareKey.Of(new ClientFacts(origin.Address, origin.Listener, origin.User), message.Envelope.Sender, at.Policy);
    }

    private List<RecipientGroup> Group(QueuedMessage queued, StoredMessage message)
    {
        var groups = new List<RecipientGroup>(1);
        for (var i = 0; i < queued.Recipients.Length; i++)
        {
            var domain = message.Envelope.Recipients[i].Path.Domain
                ?? throw new ArgumentException("A recipient without a domain should have been resolved before it was accepted.", nameof(message));
            var lane = Routes.LaneOf(domain);
            if (lane.Newest is not { } group || group.Message != queued)
            {
                group = new RecipientGroup(queued, lane) { Members = i == 0 ? RecipientGroup.FirstAlone : [i] };
                lane.Newest = group;
                lane.Groups++;
                groups.Add(group);
            }
            else
            {
                group.Members = group.Members.Add(i);
            }

            queued.Recipients[i].Group = group;
        }

        return groups;
    }
}
