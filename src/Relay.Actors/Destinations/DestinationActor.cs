using Akka.Actor;
using Akka.Event;
using Relay.Actors.Deliveries;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Destinations;

/// <summary>Owns the connections to one next-hop site: pulls work when it has room, gives it to free connections, parks a site that cannot be reached.</summary>
/// <remarks>Working -> Parked (after a failed connect) -> Working; asks its parent to let it go when idle.</remarks>
public sealed class DestinationActor : ReceiveActor, IWithTimers
{
    private const string ParkTimer = "park";
    private const string IdleTimer = "idle";
    private const string ReopenTimer = "reopen";

    private static readonly SmtpReply InternalTrouble = new(451, new(4, 3, 0), "The delivery was interrupted");

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DestinationKey _key;
    private readonly IActorRef _queue;
    private readonly DeliveryResources _resources;
    private readonly DestinationLimits _limits;
    private readonly ConnectionPool _pool = new();
    private readonly Queue<DeliveryItem> _items = new();
    private int _asked;
    private bool _exhausted;
    private bool _parked;
    private bool _openingPaused;
    private bool _draining;
    private int _failures;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public DestinationActor(DestinationKey key, IActorRef queue, DeliveryResources resources)
    {
        _key = key;
        _queue = queue;
        _resources = resources;
        _limits = resources.DestinationLimits;
        Receive<DestinationMessages.WorkAvailable>(_ => OnWorkAvailable());
        Receive<DestinationMessages.Work>(OnWork);
        Receive<DeliveryActor.Ready>(_ => OnReady());
        Receive<DeliveryActor.Lost>(OnLost);
        Receive<Terminated>(OnTerminated);
        Receive<Unpark>(_ => OnUnpark());
        Receive<IdleDue>(_ => OnIdleDue());
        Receive<ReopenDue>(_ => OnReopenDue());
        Receive<Leave>(_ => OnLeave());
        Receive<Drain>(_ => OnDrain());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(DestinationKey key, IActorRef queue, DeliveryResources resources) =>
        Props.Create(() => new DestinationActor(key, queue, resources));

    /// <summary>A delivery that fails is not begun anew: its item is deferred when it ends.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnWorkAvailable()
    {
        _exhausted = false;
        PullIfUseful();
    }

    private void OnWork(DestinationMessages.Work work)
    {
        _exhausted = work.Items.Length < _asked;
        _asked = 0;
        foreach (var item in work.Items)
        {
            _items.Enqueue(item);
        }

        Dispatch();
    }

    private void OnReady()
    {
        _failures = 0;
        _pool.SetIdle(Sender);
        if (_draining)
        {
            Sender.Tell(DeliveryActor.Finish.Instance);
        }

        Dispatch();
    }

    private void OnLost(DeliveryActor.Lost lost)
    {
        if (_pool.Remove(Sender) is { } given && !ReferenceEquals(given, lost.Finished))
        {
            _items.Enqueue(given);
        }

        if (lost.Failure is { } failure)
        {
            if (_pool.Count == 0)
            {
                FailSite(failure, lost.NextHop);
            }
            else
            {
                // The site takes the connections it has, but no more of them: it is not asked again at once.
                PauseOpening();
            }
        }

        Dispatch();
    }

    private void OnTerminated(Terminated ended)
    {
        var opening = _pool.Opening;
        if (_pool.Remove(ended.ActorRef) is { } item)
        {
            _log.Error("A delivery to {Destination} failed while it had {MessageId}", _key, item.Id);
            Defer(item);
        }
        else if (_pool.Opening < opening)
        {
            PauseOpening(); // a defect while it was opened would otherwise be met again at once, for ever
        }

        Dispatch();
    }

    private void OnUnpark()
    {
        _parked = false;
        _exhausted = false;
        Dispatch();
    }

    private void OnReopenDue()
    {
        _openingPaused = false;
        Dispatch();
    }

    private void OnIdleDue()
    {
        if (IsIdle)
        {
            Context.Parent.Tell(new Idle(_key));
        }
    }

    private void OnLeave()
    {
        if (IsIdle)
        {
            Context.Stop(Self);
        }
        else
        {
            Context.Parent.Tell(new Busy(_key));
        }
    }

    private void OnDrain()
    {
        _draining = true;
        foreach (var connection in _pool.Idle)
        {
            connection.Tell(DeliveryActor.Finish.Instance);
        }

        Dispatch();
    }

    private bool IsIdle => _items.Count == 0 && _pool.Count == 0 && _asked == 0 && !_parked;

    private void Dispatch()
    {
        if (_draining)
        {
            // What was pulled and not begun needs no word: the next start finds it in the spool.
            if (_pool.Count == 0)
            {
                Context.Stop(Self);
            }

            return;
        }

        while (_items.Count > 0 && _pool.TryTakeIdle(_items.Peek(), out var connection))
        {
            connection.Tell(new DeliveryActor.Deliver(_items.Dequeue()));
        }

        if (_items.Count > 0 && !_parked && !_openingPaused)
        {
            OpenConnections();
        }

        PullIfUseful();
        if (IsIdle)
        {
            Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, _limits.IdleTime);
        }
    }

    private void OpenConnections()
    {
        var allowed = _failures > 0 ? 1 : _resources.Policy.Current.Delivery.ConnectionsPerDestination;
        // As many at once as have been opened already: a site that says nothing for minutes is waited for by one connection, not by all.
        var openingMax = Math.Max(1, _pool.Count - _pool.Opening);
        while (_pool.Count < allowed && _pool.Opening < Math.Min(_items.Count, openingMax))
        {
            if (!_resources.Slots.TryTake())
            {
                PauseOpening(); // the node has no connection to spare
                return;
            }

            // It gives the place back when it has stopped.
            var connection = Context.ActorOf(DeliveryActor.PropsFor(_key, _queue, _resources));
            Context.Watch(connection);
            _pool.AddOpening(connection);
        }
    }

    private void PauseOpening()
    {
        _openingPaused = true;
        Timers.StartSingleTimer(ReopenTimer, ReopenDue.Instance, _limits.ReopenTime);
    }

    private void PullIfUseful()
    {
        if (_draining || _asked > 0 || _exhausted || _parked || _items.Count >= _limits.LowWater)
        {
            return;
        }

        // A site that has failed is tried with one message first.
        _asked = _failures > 0 ? 1 : _limits.PullMax;
        _queue.Tell(new DestinationMessages.PullWork(_key, _asked));
    }

    /// <summary>The site as a whole cannot be reached: everything pulled shares its fate, and nothing more is pulled for a while.</summary>
    private void FailSite(RecipientOutcome failure, string? nextHop)
    {
        while (_items.TryDequeue(out var item))
        {
            Report(item, failure, nextHop);
        }

        if (failure.Kind != OutcomeKind.Deferred)
        {
            return;
        }

        _failures++;
        _parked = true;
        var delay = _limits.ParkTime(_failures, _resources.Policy.Current.Delivery.Retry);
        _log.Warning("Destination {Destination} cannot be reached, next try in {Delay}: {Reply}", _key, delay, failure.Reply);
        Timers.StartSingleTimer(ParkTimer, Unpark.Instance, delay);
    }

    private void Defer(DeliveryItem item) =>
        Report(item, new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, InternalTrouble), null);

    private void Report(DeliveryItem item, RecipientOutcome outcome, string? nextHop) =>
        _queue.Tell(new DestinationMessages.AttemptFinished(
            item, [.. Enumerable.Repeat(outcome, item.Recipients.Length)], new AttemptFacts { NextHop = nextHop }));

    /// <summary>To the parent: nothing to do and nothing open.</summary>
    internal sealed record Idle(DestinationKey Destination) : INoSerializationVerificationNeeded;

    /// <summary>To the parent: work has come in the meantime, I stay.</summary>
    internal sealed record Busy(DestinationKey Destination) : INoSerializationVerificationNeeded;

    /// <summary>From the parent: stop if you still have nothing to do; whatever is announced from now on waits.</summary>
    internal sealed record Leave : INoSerializationVerificationNeeded
    {
        public static readonly Leave Instance = new();
    }

    /// <summary>From the parent: finish what is being carried, begin nothing, and stop.</summary>
    internal sealed record Drain : INoSerializationVerificationNeeded
    {
        public static readonly Drain Instance = new();
    }

    private sealed record Unpark : INoSerializationVerificationNeeded
    {
        public static readonly Unpark Instance = new();
    }

    private sealed record ReopenDue : INoSerializationVerificationNeeded
    {
        public static readonly ReopenDue Instance = new();
    }

    private sealed record IdleDue : INoSerializationVerificationNeeded
    {
        public static readonly IdleDue Instance = new();
    }
}
