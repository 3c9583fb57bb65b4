using Akka.Actor;
using Akka.Event;
using Relay.Actors.Destinations;
using Relay.Actors.Policy;
using Relay.Actors.Spooling;
using Relay.Messages.Destinations;
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
    private readonly PolicyAgent _policy;
    private readonly TimeProvider _time;
    private IActorRef _destinations = ActorRefs.Nobody;
    private DateTimeOffset? _timerSetFor;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public QueueActor(QueueResources resources)
    {
        _resources = resources;
        _state = resources.State;
        _policy = resources.Policy;
        _time = resources.Time;
        Receive<QueueMessages.MessageAccepted>(OnAccepted);
        Receive<DestinationMessages.PullWork>(OnPull);
        Receive<DestinationMessages.AttemptFinished>(OnAttemptFinished);
        Receive<DestinationMessages.DestinationLost>(OnDestinationLost);
        Receive<BecomeDue>(_ => OnDue());
        Receive<Start>(OnStart);
        Receive<QueueMessages.ListMessages>(query => Sender.Tell(QueueViews.List(_state.Messages, query)));
        Receive<QueueMessages.ShowQueued>(query => Sender.Tell(
            new QueueMessages.QueueShown(_state.Find(query.Id) is { } message ? QueueViews.View(message) : null)));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe. The index outlives a restart of the actor: it is the resources' own.</summary>
    public static Props PropsFor(QueueResources resources) => Props.Create(() => new QueueActor(resources));

    private void OnStart(Start start)
    {
        _destinations = start.Destinations;
        OnDue();
    }

    private void OnAccepted(QueueMessages.MessageAccepted accepted)
    {
        var fresh = new RecipientProgress[accepted.Message.Envelope.Recipients.Count];
        Array.Fill(fresh, RecipientProgress.Fresh);
        var policy = _policy.Current;
        _state.Admit(accepted.Id, accepted.Message, accepted.Size, fresh, path => DestinationRouter.Route(policy, path), _time.GetUtcNow());
        Announce();
        _resources.Metrics.SetQueueMessages(_state.Count);
    }

    private void OnPull(DestinationMessages.PullWork pull) =>
        Sender.Tell(new DestinationMessages.Work(_state.Pull(pull.Destination, pull.Max, _time.GetUtcNow())));

    private void OnAttemptFinished(DestinationMessages.AttemptFinished attempt)
    {
        var now = _time.GetUtcNow();
        var message = _state.Find(attempt.Item.Id);
        var effect = _state.Finish(attempt, _policy.Current.Delivery.Retry, now);
        if (message is null || effect == SpoolEffect.None)
        {
            _log.Warning("An attempt of {MessageId} ended that was not known to be on", attempt.Item.Id);
            return;
        }

        if (effect == SpoolEffect.Remove)
        {
            _resources.Spool.Remove(message.Id.ToEntryId());
        }
        else
        {
            _resources.Spool.SaveState(message.Id.ToEntryId(), QueueState.StateOf(message));
        }

        Report(attempt, message, now);
        Announce();
    }

    private void OnDestinationLost(DestinationMessages.DestinationLost lost)
    {
        _log.Error("Destination {Destination} failed; what it had not finished is tried again", lost.Destination);
        _state.Reclaim(lost.Destination, _time.GetUtcNow());
        Announce();
    }

    private void OnDue()
    {
        _timerSetFor = null;
        _state.Advance(_time.GetUtcNow());
        Announce();
    }

    private void Announce()
    {
        foreach (var destination in _state.TakeAnnouncements())
        {
            _destinations.Tell(new DestinationMessages.WorkAvailable(destination));
        }

        if (_state.NextDue is { } due && (_timerSetFor is null || due < _timerSetFor))
        {
            var wait = due - _time.GetUtcNow();
            Timers.StartSingleTimer(DueTimer, BecomeDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            _timerSetFor = due;
        }
    }

    private void Report(DestinationMessages.AttemptFinished attempt, QueuedMessage message, DateTimeOffset now)
    {
        int delivered = 0, deferred = 0, failed = 0;
        foreach (var outcome in attempt.Outcomes)
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
        _resources.Metrics.SetQueueMessages(_state.Count);
        _resources.MailLog.Attempted(
            attempt.Item,
            [.. attempt.Item.Recipients.Select(i => message.Recipients[i].Address)],
            attempt.Outcomes,
            attempt.Facts,
            now - message.AcceptedAt);
    }

    /// <summary>Sent once, when the destinations can be told of work.</summary>
    internal sealed record Start(IActorRef Destinations) : INoSerializationVerificationNeeded;

    private sealed record BecomeDue : INoSerializationVerificationNeeded
    {
        public static readonly BecomeDue Instance = new();
    }
}
