using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy.Limits;
using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Destinations;

/// <summary>Owns the connections to one next-hop site: pulls work when its window has room, gives it to free connections, tells the queue when the site cannot be reached.</summary>
/// <remarks>Asks its parent to let it go when idle; a dead site is the queue's to remember, so that it costs no actor.</remarks>
public sealed partial class DestinationActor : ReceiveActor, IWithTimers
{
    private const string IdleTimer = "idle";
    private const string ReopenTimer = "reopen";
    private const string PaceTimer = "pace";

    private static readonly SmtpReply InternalTrouble = new(451, new(4, 3, 0), "The delivery was interrupted");

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DestinationKey _key;
    private readonly IActorRef _queue;
    private readonly DeliveryResources _resources;
    private readonly DestinationLimits _limits;
    private readonly ConnectionPool _pool = new();
    private readonly PulledWork _work;
    private readonly ConcurrencyWindow _window = new();
    private readonly DestinationPace _pace = new();
    private readonly BudgetClock _clock;
    private readonly DestinationStatus _status;
    private readonly SlotWaiter _slotWaiter;
    private bool _hasTakenSlot;
    private bool _isProven;
    private bool _openingPaused;
    private int _timesTurnedAway;
    private bool _draining;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public DestinationActor(DestinationKey key, IActorRef queue, DeliveryResources resources)
    {
        _key = key;
        _queue = queue;
        _resources = resources;
        _limits = resources.DestinationLimits;
        _work = new PulledWork(_limits);
        _clock = new BudgetClock(resources.Time);
        _status = resources.Board.Add(key);
        var self = Self;
        _slotWaiter = new SlotWaiter(() => self.Tell(SlotDue.Instance));
        Receive<DestinationMessages.WorkAvailable>(_ => OnWorkAvailable());
        Receive<DestinationMessages.Work>(OnWork);
        Receive<DestinationMessages.ReturnWork>(_ => OnReturnWork());
        Receive<DeliveryActor.Ahead>(_ => OnAhead());
        Receive<SlotDue>(_ => OnSlotDue());
        Receive<DeliveryActor.Ready>(OnReady);
        Receive<DeliveryActor.Lost>(OnLost);
        Receive<Terminated>(OnTerminated);
        Receive<IdleDue>(_ => OnIdleDue());
        Receive<PaceDue>(_ => Dispatch());
        Receive<ReopenDue>(_ => OnReopenDue());
        Receive<Leave>(_ => OnLeave());
        Receive<Drain>(_ => OnDrain());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(DestinationKey key, IActorRef queue, DeliveryResources resources) =>
        Props.Create(() => new DestinationActor(key, queue, resources));

    /// <summary>It is not shown any longer; attempts that were on have ended with the connections, which stop before it.</summary>
    protected override void PostStop()
    {
        _resources.Board.Remove(_key, _status);
        _resources.Slots.Leave(_slotWaiter);
        if (_pool.Carried is { IsEmpty: false } cut)
        {
            _queue.Tell(new DestinationMessages.AttemptsCut(cut));
        }
    }

    /// <summary>A delivery that fails is not begun anew: its item is deferred when it ends.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnWorkAvailable()
    {
        _work.Announce();
        Dispatch();
    }

    private void OnWork(DestinationMessages.Work work)
    {
        GiveBack(_work.Take(work.Items));
        Dispatch();
    }

    private void OnReturnWork()
    {
        GiveBack(_work.TakeAll());
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
            _work.Add(given);
        }

        Judge(lost.Verdict);
        if (lost.Failure is { } failure)
        {
            // A site that takes the connections it has, but no more of them, is not asked again at once.
            if (_window.Failed() || _pool.Count == 0)
            {
                FailSite(failure, lost.Facts);
            }
            else
            {
                PauseOpening(_limits.ReopenTime);
            }
        }

        Dispatch();
    }

    private void Judge(AttemptVerdict verdict)
    {
        switch (verdict)
        {
            case AttemptVerdict.Good:
                _timesTurnedAway = 0;
                _window.Succeeded(_pool.Busy, Rules.Connections);
                break;
            case AttemptVerdict.SlowDown:
                _window.SlowDown();
                break;
            case AttemptVerdict.TurnedAway:
                _window.SlowDown();
                PauseLonger();
                break;
            case AttemptVerdict.Broken:
                _ = _window.Failed(); // it was there, and took the connection: dead it is when it does not
                break;
        }
    }

    private void OnTerminated(Terminated ended)
    {
        var opening = _pool.Opening.Count;
        if (_pool.Remove(ended.ActorRef) is { } item)
        {
            _log.Error("A delivery to {Destination} failed while it had {MessageId}", _key, item.Id);
            Defer(item);
        }
        else if (_pool.Opening.Count < opening)
        {
            PauseOpening(_limits.ReopenTime); // a defect while it was opened would otherwise be met again at once, for ever
        }

        Dispatch();
    }

    private void OnReopenDue()
    {
        OnReopened();
        Dispatch();
    }

    private void OnIdleDue()
    {
        if (!IsIdle)
        {
            return;
        }

        if (_pace.UntilRested(_clock.Read()) is var rest && rest > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, rest); // who comes next must not find a fresh rate
        }
        else
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

        foreach (var connection in _pool.Opening)
        {
            Context.Stop(connection); // it carries nothing, and a host that says nothing would be waited for as long as a drain may take
        }

        Dispatch();
    }

    private bool IsIdle => _work.IsIdle && _pool.Count == 0;

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

        var rules = Rules;
        var allowed = _window.Allowed(rules.Connections);
        while (_pool.Idle.Count > 0 && _pool.Busy < allowed && MayBegin(rules) && _work.TryTake(out var item))
        {
            _pace.Begin(rules, _clock.Read());
            _pool.TakeIdle(item).Tell(new DeliveryActor.Deliver(item));
        }

        if (!_openingPaused && MayBegin(rules))
        {
            OpenConnections(allowed);
        }

        PlaceConnections();

        // What waits for the rate waits in the queue, where it is shared out and operators find it.
        if (_work.Ask((int)Math.Min(allowed, rules.Budget?.Burst ?? allowed)) is > 0 and var wanted)
        {
            _queue.Tell(new DestinationMessages.PullWork(_key, wanted));
        }

        _status.Connections = _pool.Count;
        _status.Window = _window.Size;
        if (IsIdle)
        {
            Timers.StartSingleTimer(IdleTimer, IdleDue.Instance, _limits.IdleTime);
        }
    }

    /// <summary>The site as a whole cannot be reached: what was pulled goes back untouched, and nothing more is pulled until there is word of it.</summary>
    private void FailSite(RecipientOutcome failure, AttemptFacts facts)
    {
        var items = _work.TakeAll();
        if (failure.Kind != OutcomeKind.Deferred)
        {
            foreach (var item in items)
            {
                Report(item, failure, facts);
            }

            return;
        }

        _window.Reset();
        _timesTurnedAway = 0;
        _work.Stop();
        OnReopened(); // when it is tried again is the queue's to say
        _queue.Tell(new DestinationMessages.SiteFailed(_key, failure, facts, items));
    }

    private void GiveBack(ImmutableArray<DeliveryItem> items)
    {
        if (!items.IsEmpty)
        {
            _queue.Tell(new DestinationMessages.WorkReturned(items));
        }
    }

    private void Defer(DeliveryItem item) =>
        Report(item, new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, InternalTrouble), AttemptFacts.None);

    private void Report(DeliveryItem item, RecipientOutcome outcome, AttemptFacts facts) =>
        _queue.Tell(new DestinationMessages.AttemptFinished(item, [.. Enumerable.Repeat(outcome, item.Recipients.Length)], facts));
}
