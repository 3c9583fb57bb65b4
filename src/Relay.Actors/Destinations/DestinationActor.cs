using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Relay.Actors.Deliveries;
using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Destinations;

/// <summary>Owns the connections to one next-hop site: pulls work when its window has room, gives it to free connections, tells the queue when the site cannot be reached.</summary>
/// <remarks>Asks its parent to let it go when idle; a dead site is the queue's to remember, so that it costs no actor.</remarks>
public sealed class DestinationActor : ReceiveActor, IWithTimers
{
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
    private readonly ConcurrencyWindow _window = new();
    private readonly DestinationStatus _status;
    private int _asked;
    private bool _exhausted;
    private bool _returnsNext;
    private bool _isProven;
    private bool _openingPaused;
    private bool _draining;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public DestinationActor(DestinationKey key, IActorRef queue, DeliveryResources resources)
    {
        _key = key;
        _queue = queue;
        _resources = resources;
        _limits = resources.DestinationLimits;
        _status = resources.Board.Add(key);
        Receive<DestinationMessages.WorkAvailable>(_ => OnWorkAvailable());
        Receive<DestinationMessages.Work>(OnWork);
        Receive<DestinationMessages.ReturnWork>(_ => OnReturnWork());
        Receive<DeliveryActor.Ready>(OnReady);
        Receive<DeliveryActor.Lost>(OnLost);
        Receive<Terminated>(OnTerminated);
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

    /// <summary>It is not shown any longer.</summary>
    protected override void PostStop() => _resources.Board.Remove(_key, _status);

    /// <summary>A delivery that fails is not begun anew: its item is deferred when it ends.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnWorkAvailable()
    {
        _exhausted = false;
        Dispatch();
    }

    private void OnWork(DestinationMessages.Work work)
    {
        _exhausted = work.Items.Length < _asked;
        _asked = 0;
        if (_returnsNext)
        {
            // Asked for before the site failed: it is left alone now.
            _returnsNext = false;
            _exhausted = true;
            GiveBack(work.Items);
            return;
        }

        foreach (var item in work.Items)
        {
            _items.Enqueue(item);
        }

        Dispatch();
    }

    private void OnReturnWork()
    {
        GiveBack([.. _items]);
        _items.Clear();
        Dispatch();
    }

    private void OnReady(DeliveryActor.Ready ready)
    {
        _isProven = true;
        Judge(ready.Verdict);
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

        Judge(lost.Verdict);
        if (lost.Failure is { } failure)
        {
            // A site that takes the connections it has, but no more of them, is not asked again at once.
            if (_window.Failed() || _pool.Count == 0)
            {
                FailSite(failure, lost.NextHop);
            }
            else
            {
                PauseOpening();
            }
        }

        Dispatch();
    }

    private void Judge(AttemptVerdict verdict)
    {
        switch (verdict)
        {
            case AttemptVerdict.Good:
                _window.Succeeded(_pool.Count - _pool.Idle.Count, _resources.Policy.Current.Delivery.ConnectionsPerDestination);
                break;
            case AttemptVerdict.SlowDown:
                _window.SlowDown();
                break;
            case AttemptVerdict.Broken:
                _ = _window.Failed(); // it was there, and took the connection: dead it is when it does not
                break;
        }
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

    private bool IsIdle => _items.Count == 0 && _pool.Count == 0 && _asked == 0;

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

        var allowed = _window.Allowed(_resources.Policy.Current.Delivery.ConnectionsPerDestination);
        while (_items.Count > 0 && _pool.Count - _pool.Opening - _pool.Idle.Count < allowed && _pool.TryTakeIdle(_items.Peek(), out var connection))
        {
            connection.Tell(new DeliveryActor.Deliver(_items.Dequeue()));
        }

        if (_items.Count > 0 && !_openingPaused)
        {
            OpenConnections(allowed);
        }

        PullIfUseful(allowed);
        _status.Connections = _pool.Count;
        _status.Window = _window.Size;
        if (IsIdle)
        {
            Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, _limits.IdleTime);
        }
    }

    private void OpenConnections(int allowed)
    {
        // As many at once as have been opened already: a site that says nothing for minutes is waited for by one connection, not by all.
        var openingMax = Math.Max(1, _pool.Count - _pool.Opening);
        while (_pool.Count < allowed && _pool.Opening < Math.Min(_items.Count, openingMax))
        {
            if (!_resources.Slots.TryTake(_isProven))
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

    private void PullIfUseful(int allowed)
    {
        if (_draining || _asked > 0 || _exhausted || _items.Count >= Math.Min(allowed, _limits.LowWater))
        {
            return;
        }

        // Little more than can be on at once: what waits here is past the queue's fairness.
        _asked = Math.Min(_limits.PullMax, 2 * allowed);
        _queue.Tell(new DestinationMessages.PullWork(_key, _asked));
    }

    /// <summary>The site as a whole cannot be reached: what was pulled goes back untouched, and nothing more is pulled until there is word of it.</summary>
    private void FailSite(RecipientOutcome failure, string? nextHop)
    {
        DeliveryItem[] items = [.. _items];
        _items.Clear();
        if (failure.Kind != OutcomeKind.Deferred)
        {
            Array.ForEach(items, item => Report(item, failure, nextHop));
            return;
        }

        _window.Reset();
        _exhausted = true;
        _returnsNext = _asked > 0;
        _queue.Tell(new DestinationMessages.SiteFailed(_key, failure, nextHop, [.. items]));
    }

    private void GiveBack(ImmutableArray<DeliveryItem> items)
    {
        if (!items.IsEmpty)
        {
            _queue.Tell(new DestinationMessages.WorkReturned(items));
        }
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

    private sealed record ReopenDue : INoSerializationVerificationNeeded
    {
        public static readonly ReopenDue Instance = new();
    }

    private sealed record IdleDue : INoSerializationVerificationNeeded
    {
        public static readonly IdleDue Instance = new();
    }
}
