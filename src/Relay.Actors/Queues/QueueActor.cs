using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Relay.Actors.Accounts;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>Keeps the index of this node's spool and its schedule. Destinations pull from it; it only says that there is something to pull.</summary>
public sealed class QueueActor : ReceiveActor, IWithTimers
{
    private const string DueTimer = "due";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly QueueResources _resources;
    private readonly QueueState _state;
    private DateTimeOffset? _timerSetFor;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public QueueActor(QueueResources resources)
    {
        _resources = resources;
        _state = resources.State;
        Receive<QueueMessages.MessageAccepted>(OnAccepted);
        Receive<DestinationMessages.PullWork>(OnPull);
        Receive<DestinationMessages.AttemptFinished>(OnAttemptFinished);
        Receive<DestinationMessages.SiteFailed>(OnSiteFailed);
        Receive<DestinationMessages.WorkReturned>(returned => Change(at => _state.Traffic.Return(returned.Items, at)));
        Receive<DestinationMessages.AttemptsCut>(cut => Change(at => _state.Traffic.Cut(cut.Items, at)));
        Receive<DestinationMessages.DestinationLost>(OnDestinationLost);
        Receive<SiteMessages.SiteResolved>(OnSiteResolved);
        Receive<ReportMade>(made => Change(at => _state.Reported(made.Report.Message, made.Report.Kind, made.Report.Recipients, at)));
        Receive<ReportNotMade>(missed => Change(at => _state.NotReported(missed.Message, missed.Kind, at)));
        Receive<BecomeDue>(_ => OnDue());
        Receive<Start>(OnStart);
        ReceiveOperators();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    private Moment Now => new(_resources.Policy.Current, _resources.Time.GetUtcNow());

    /// <summary>The actor's recipe. The index outlives a restart of the actor: it is the resources' own.</summary>
    public static Props PropsFor(QueueResources resources) => Props.Create(() => new QueueActor(resources));

    /// <summary>After a restart it goes on with the neighbours that it had.</summary>
    protected override void PreStart()
    {
        if (_resources.Neighbours is not null)
        {
            OnDue();
        }
    }

    private void ReceiveOperators()
    {
        Receive<QueueMessages.ListMessages>(query => Sender.Tell(QueueViews.List(_state.Messages, query, Now)));
        Receive<QueueMessages.ShowQueued>(query => Sender.Tell(
            new QueueMessages.QueueShown(_state.Find(query.Id) is { } message ? QueueViews.View(message, Now) : null)));
        Receive<QueueMessages.Summarize>(query => Sender.Tell(QueueSummaries.Summarize(_state.Messages, query.Limit)));
        Receive<QueueMessages.ChangeMessages>(OnChangeMessages);
        Receive<DestinationMessages.ListDestinations>(_ => Sender.Tell(
            QueueSummaries.Destinations(_state.Routes.Sites, _state.Messages, _resources.Board)));
        Receive<DestinationMessages.PauseDestination>(wish => Change(at =>
            OnEach(_state.Routes.FindOrMake(wish.Name, at.Policy), site => _state.Sites.Pause(site, wish.Until, wish.Reason))));
        Receive<DestinationMessages.ResumeDestination>(wish => Change(at => OnEach(_state.Routes.FindOrMake(wish.Name, at.Policy), _state.Sites.Resume)));
    }

    private void OnChangeMessages(QueueMessages.ChangeMessages wish)
    {
        QueueMessages.MessagesChanged? changed = null;
        Change(at => changed = OperatorActions.Change(_state, wish, at));
        if (wish.CountOnly)
        {
            Sender.Tell(changed);
            return;
        }

        // What is said to be done is done whatever happens to the process.
        _resources.Spool.WhenDurableAsync().PipeTo(Sender, Self, () => changed);
    }

    private void OnEach(IEnumerable<SiteBacklog> sites, Action<SiteBacklog> change)
    {
        SiteBacklog[] meant = [.. sites];
        Array.ForEach(meant, change);
        Sender.Tell(new DestinationMessages.DestinationChanged([.. meant.Select(static site => site.Key.Name)]));
    }

    private void OnAccepted(QueueMessages.MessageAccepted accepted)
    {
        Change(at => OperatorActions.Admit(_state, accepted, at));
        accepted.Hold?.Release(); // counted as stored first, so that its sender never seems to have less than it has
    }

    private void OnStart(Start start)
    {
        _resources.Neighbours = start;
        OnDue();
    }

    private void OnPull(DestinationMessages.PullWork pull) =>
        Change(at => Sender.Tell(new DestinationMessages.Work(_state.Traffic.Pull(pull.Destination, pull.Max, at))));

    private void OnAttemptFinished(DestinationMessages.AttemptFinished attempt) => Change(at =>
    {
        if (_state.Traffic.Finish(attempt, at) is { } finished)
        {
            Report(attempt, finished, at.Now);
        }
        else
        {
            _log.Warning("An attempt of {MessageId} ended that was not known to be on", attempt.Item.Id);
        }
    });

    private void OnSiteResolved(SiteMessages.SiteResolved resolved)
    {
        if (resolved.Failure is { Kind: OutcomeKind.Deferred })
        {
            _resources.Metrics.LookupFailed();
        }

        Change(at => _state.Resolved(resolved, at));
    }

    private void OnSiteFailed(DestinationMessages.SiteFailed failed) => Change(at =>
    {
        _resources.Metrics.DestinationFailed();
        if (_state.Routes.FindSite(failed.Destination) is { } site)
        {
            _state.Sites.Failed(site, failed.Failure, failed.Facts.NextHop, at);
            _log.Warning(
                "Destination {Destination} cannot be reached ({Failures} in a row), next try in {Seconds} s: {Reply}",
                failed.Destination, site.Failures, Math.Ceiling((site.ParkedUntil!.Value - at.Now).TotalSeconds), failed.Failure.Reply);
        }

        // Those that were about to be carried, a handful for each try: whoever looks for a message in the log finds out why it waits.
        foreach (var item in failed.Items)
        {
            if (_state.Find(item.Id) is { } message)
            {
                // One that came while the site was being tried has not waited for it all the time.
                var age = at.Now - message.AcceptedAt;
                var facts = failed.Facts with { Sender = message.Sender, Connect = failed.Facts.Connect < age ? failed.Facts.Connect : age };
                Log(item, message, [.. Enumerable.Repeat(failed.Failure, item.Recipients.Length)], facts, at.Now);
            }
        }

        _state.Traffic.Return(failed.Items, at);
    });

    private void OnDestinationLost(DestinationMessages.DestinationLost lost)
    {
        _log.Error("Destination {Destination} failed; what it had not finished is tried again", lost.Destination);
        Change(at => _state.Traffic.Reclaim(lost.Destination, at));
    }

    private void OnDue()
    {
        _timerSetFor = null;
        Change(_state.Advance);
    }

    private void Change(Action<Moment> change)
    {
        var now = Now;
        _state.Follow(now);
        change(now);
        if (_resources.Neighbours is { } neighbours)
        {
            CarryOut(_state.Effects, neighbours);
        }

        if (_state.NextDue is { } due && (_timerSetFor is null || due < _timerSetFor))
        {
            var wait = due - _resources.Time.GetUtcNow();
            Timers.StartSingleTimer(DueTimer, BecomeDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            _timerSetFor = due;
        }
    }

    private void CarryOut(QueueEffects effects, Start neighbours)
    {
        foreach (var message in effects.Saves)
        {
            _resources.Save(message);
        }

        foreach (var id in effects.Removals)
        {
            _resources.Remove(id);
        }

        foreach (var destination in effects.Recalls)
        {
            neighbours.Destinations.Tell(new DestinationMessages.ReturnWork(destination));
        }

        foreach (var destination in effects.Announcements)
        {
            neighbours.Destinations.Tell(new DestinationMessages.WorkAvailable(destination));
        }

        foreach (var question in effects.Lookups)
        {
            neighbours.Sites.Tell(question);
        }

        foreach (var report in effects.Reports)
        {
            neighbours.Bounces.Tell(report);
        }

        foreach (var happened in effects.Events)
        {
            _resources.MailLog.Happened(happened.Message, happened.Kind, happened.Addresses, happened.Reason);
            _resources.Metrics.RecipientsFailed(happened.IsFailure ? happened.Addresses.Length : 0);
            if (happened.IsRefusal && _state.Find(happened.Message) is { } message)
            {
                CountFailures(message, happened.Addresses.Length, Now.Now);
            }
        }

        effects.Clear();
        _resources.Publish();
    }

    private void Report(DestinationMessages.AttemptFinished attempt, FinishedAttempt finished, DateTimeOffset now)
    {
        var (item, outcomes) = (attempt.Item, attempt.Outcomes);
        if (finished.Decided.Length < outcomes.Length)
        {
            outcomes = [.. finished.Decided.Select(i => attempt.Outcomes[i])];
            item = item with { Recipients = [.. finished.Decided.Select(i => attempt.Item.Recipients[i])] };
        }

        int delivered = 0, deferred = 0, failed = 0;
        foreach (var outcome in outcomes)
        {
            _ = outcome.Kind switch
            {
                OutcomeKind.Delivered => delivered++,
                OutcomeKind.Deferred => deferred++,
                _ => failed++,
            };
        }

        _resources.Metrics.RecipientsDelivered(delivered);
        _resources.Metrics.RecipientsDeferred(deferred);
        _resources.Metrics.RecipientsFailed(failed);
        CountFailures(finished.Message, outcomes.Count(RefusedAddress.Tells), now);
        Log(item, finished.Message, outcomes, attempt.Facts, now);
    }

    private void CountFailures(QueuedMessage message, int failed, DateTimeOffset now) =>
        _resources.Accounts?.Fail(message.Share.Key.User, failed, now - message.AcceptedAt);

    private void Log(DeliveryItem item, QueuedMessage message, ImmutableArray<RecipientOutcome> outcomes, AttemptFacts facts, DateTimeOffset now) =>
        _resources.MailLog.Attempted(
            item, [.. item.Recipients.Select(i => message.Recipients[i].Address)], outcomes, facts, now - message.AcceptedAt);

    /// <summary>Sent once, when the others are there: whoever is told of work, asked for sites, and makes reports.</summary>
    internal sealed record Start(IActorRef Destinations, IActorRef Sites, IActorRef Bounces) : INoSerializationVerificationNeeded;

    /// <summary>A report is durable.</summary>
    internal sealed record ReportMade(OwedReport Report) : INoSerializationVerificationNeeded;

    /// <summary>A report could not be made yet: what is owed now is to be looked at.</summary>
    internal sealed record ReportNotMade(MessageId Message, ReportKind Kind) : INoSerializationVerificationNeeded;

    private sealed record BecomeDue : INoSerializationVerificationNeeded
    {
        public static readonly BecomeDue Instance = new();
    }
}
