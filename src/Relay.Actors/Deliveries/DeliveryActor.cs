using Akka.Actor;
using Akka.Event;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>Owns one connection to a next hop: finds it, opens it when the node has one to spare, carries one item after another, closes it when idle.</summary>
/// <remarks>Finding -> Opening -> Waiting -> Carrying -> Waiting ... -> stopped; Carrying -> Finding when the next hop had done with the connection. The conversation itself is asynchronous code beside it.</remarks>
public sealed class DeliveryActor : ReceiveActor, IWithTimers
{
    private const string IdleTimer = "idle";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IActorRef _queue;
    private readonly DeliveryResources _resources;
    private readonly DestinationKey _destination;
    private readonly OutboundPlace _place;
    private readonly IReadOnlyCollection<string> _flows;
    private readonly Action<DestinationMessages.AttemptFinished> _onPart;
    private OutboundConversation _conversation;
    private DeliveryItem? _again;
    private int _carried;
    private int _flight = -1;
    private DeliveryItem? _finished;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public DeliveryActor(DestinationKey destination, IActorRef queue, DeliveryResources resources, OutboundPlace place, IReadOnlyCollection<string> flows)
    {
        _place = place;
        _flows = flows;
        _queue = queue;
        _onPart = part => queue.Tell(part);
        _resources = resources;
        _destination = destination;
        _conversation = new OutboundConversation(destination, resources);
        Receive<Found>(OnFound);
        Receive<Connect>(_ => Open());
        Receive<Opened>(OnOpened);
        Receive<Deliver>(OnDeliver);
        Receive<Carried>(OnCarried);
        Receive<Failed>(OnFailed);
        Receive<IdleDue>(_ => Leave());
        Receive<Finish>(_ => Leave());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe. Once it knows where to connect it says so to its parent, which takes a slot for it.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="queue">Told of each attempt.</param>
    /// <param name="resources">What it works with.</param>
    /// <param name="place">Its slot; it is given back when the actor stops.</param>
    /// <param name="flows">Whose mail waits for the connection.</param>
    public static Props PropsFor(
        DestinationKey destination, IActorRef queue, DeliveryResources resources, OutboundPlace place, IReadOnlyCollection<string> flows) =>
        Props.Create(() => new DeliveryActor(destination, queue, resources, place, flows));

    /// <summary>Begins to look for the next hop.</summary>
    protected override void PreStart() => Find();

    private void Find() =>
        _conversation.FindAsync(_flows, _stopping.Token).PipeTo(Self, success: failure => new Found(failure), failure: e => new Failed(e));

    private void Open() =>
        _conversation.OpenAsync(_stopping.Token).PipeTo(Self, success: failure => new Opened(failure), failure: e => new Failed(e));

    /// <summary>Whatever the conversation is doing ends now, and the connection with it.</summary>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _conversation.Dispose();
        Land();
        _place.Close();
    }

    private void OnFound(Found found)
    {
        if (found.Failure is { } failure)
        {
            GiveUp(failure);
            return;
        }

        // Hosts that nobody can find take no connection from those that are found: only now is one taken, if there is still work for it.
        if (_place.IsHeld)
        {
            Open();
        }
        else
        {
            Context.Parent.Tell(Ahead.Instance);
        }
    }

    private void OnOpened(Opened opened)
    {
        if (opened.Failure is { } failure)
        {
            GiveUp(failure);
            return;
        }

        _place.Prove();
        if (_again is { } item)
        {
            _again = null;
            Carry(item);
            return;
        }

        BecomeReady(AttemptVerdict.None);
    }

    private void GiveUp(RecipientOutcome failure)
    {
        if (_conversation.Trouble is { } trouble)
        {
            _log.Error("{Destination} cannot be used: {Problem}", _destination, trouble);
        }

        Context.Parent.Tell(new Lost(null, failure, new AttemptFacts { NextHop = _conversation.NextHop?.ToString(), Connect = _conversation.Opening }, AttemptVerdict.None));
        Context.Stop(Self);
    }

    private void OnDeliver(Deliver deliver)
    {
        Timers.Cancel(IdleTimer);
        Carry(deliver.Item);
    }

    private void Carry(DeliveryItem item)
    {
        _flight = _resources.Flights.TakeOff(item.Id);
        var carrier = new ItemCarrier(_conversation, _resources, _onPart);
        carrier.CarryAsync(item, _stopping.Token)
            .PipeTo(Self, success: result => new Carried(item, result), failure: e => new Failed(e));
    }

    private void Land()
    {
        _resources.Flights.Land(_flight);
        _flight = -1;
    }

    private void OnCarried(Carried carried)
    {
        Land();
        if (carried.Result.SpoolTrouble is { } trouble)
        {
            _log.Error("{MessageId} cannot be read: {Problem}", carried.Item.Id, trouble.Message);
        }

        if (IsToGoAgain(carried.Result))
        {
            var withoutChunks = _conversation.WithoutChunks || _conversation.HasChunkFailed;
            _conversation.Dispose();
            _conversation = new OutboundConversation(_destination, _resources, withoutChunks);
            _carried = 0;
            _again = carried.Item;
            Find();
            return;
        }

        _queue.Tell(new DestinationMessages.AttemptFinished(carried.Item, carried.Result.Outcomes, carried.Result.Facts));
        _finished = carried.Item;
        _carried++;
        var verdict = AttemptVerdicts.Of(carried.Result.Outcomes);
        if (_conversation.IsUsable && _carried < _resources.DeliveryLimits.MessagesMax)
        {
            BecomeReady(verdict);
            return;
        }

        Leave(verdict);
    }

    /// <summary>What happened says nothing of the mail: it is not an attempt, and goes out at once over a fresh connection. Nobody can have it.</summary>
    private bool IsToGoAgain(CarriedItem result) =>
        IsStale(result)
        || (_conversation is { IsUsable: false, HasChunkFailed: true }
            && result.Outcomes.All(static outcome => outcome.Kind == OutcomeKind.Deferred));

    /// <summary>The next hop had done with this connection when its next mail came, and has got nothing of its content.</summary>
    private bool IsStale(CarriedItem result) => _carried > 0 && result.Outcomes.All(_conversation.TellsOfConnection);

    // What is not an outcome is a defect of ours: the parent sees the actor stop and defers what it carried.
    private void OnFailed(Failed failed)
    {
        _log.Error(failed.Cause, "The conversation with {NextHop} failed", _conversation.NextHop);
        Context.Stop(Self);
    }

    private void BecomeReady(AttemptVerdict verdict)
    {
        Context.Parent.Tell(new Ready(verdict));
        Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, _resources.DeliveryLimits.IdleTime);
    }

    private void Leave(AttemptVerdict verdict = AttemptVerdict.None)
    {
        Context.Parent.Tell(new Lost(_finished, null, AttemptFacts.None, verdict));
        Become(() =>
        {
            Receive<Quitted>(_ => Context.Stop(Self));
            // The parent learns of the farewell after it has sent this, and takes the item back.
            Receive<Deliver>(_ => { });
        });
        _conversation.QuitAsync(_stopping.Token).PipeTo(Self, success: () => Quitted.Instance, failure: _ => Quitted.Instance);
    }

    /// <summary>From the parent: carry this.</summary>
    internal sealed record Deliver(DeliveryItem Item) : INoSerializationVerificationNeeded;

    /// <summary>From the parent, to a connection without work: say goodbye and stop.</summary>
    internal sealed record Finish : INoSerializationVerificationNeeded
    {
        public static readonly Finish Instance = new();
    }

    /// <summary>To the parent: the connection is open and has nothing to do.</summary>
    /// <param name="Verdict">What the attempt that has just ended says of the destination.</param>
    internal sealed record Ready(AttemptVerdict Verdict) : INoSerializationVerificationNeeded;

    /// <summary>To the parent: do not count on this connection any more.</summary>
    /// <param name="Finished">The last item whose attempt was reported; another that it was given is not begun and never will be.</param>
    /// <param name="Failure">Why the connection could not be opened; null when it was open.</param>
    /// <param name="Facts">The address that was tried, and for how long.</param>
    /// <param name="Verdict">What the attempt that has just ended says of the destination.</param>
    internal sealed record Lost(DeliveryItem? Finished, RecipientOutcome? Failure, AttemptFacts Facts, AttemptVerdict Verdict)
        : INoSerializationVerificationNeeded;

    private sealed record Found(RecipientOutcome? Failure) : INoSerializationVerificationNeeded;

    /// <summary>To the parent: it is known where to connect.</summary>
    internal sealed record Ahead : INoSerializationVerificationNeeded
    {
        public static readonly Ahead Instance = new();
    }

    /// <summary>From the parent: there is a slot, connect.</summary>
    internal sealed record Connect : INoSerializationVerificationNeeded
    {
        public static readonly Connect Instance = new();
    }

    private sealed record Opened(RecipientOutcome? Failure) : INoSerializationVerificationNeeded;

    private sealed record Carried(DeliveryItem Item, CarriedItem Result) : INoSerializationVerificationNeeded;

    private sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record Quitted : INoSerializationVerificationNeeded
    {
        public static readonly Quitted Instance = new();
    }

    private sealed record IdleDue : INoSerializationVerificationNeeded
    {
        public static readonly IdleDue Instance = new();
    }
}
