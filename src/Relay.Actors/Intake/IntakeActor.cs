using Akka.Actor;
using Relay.Messages.Intake;

namespace Relay.Actors.Intake;

/// <summary>Admits bodies to this node: holds room for each mail that is being received, and has those wait that may find room soon.</summary>
public sealed class IntakeActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two looks at those that wait.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly FairWaiters<Waiter> _waiters = new();
    private readonly IntakeLedger _ledger;
    private readonly IntakeLimits _limits;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private int _isFreedTold;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public IntakeActor(IntakeLedger ledger, IntakeLimits limits, TimeProvider time)
    {
        (_ledger, _limits, _time, _startedAt) = (ledger, limits, time, time.GetTimestamp());
        Receive<IntakeMessages.ReserveSpace>(OnReserve);
        Receive<Freed>(_ => OnFreed());
        Receive<LookAtWaiters>(_ => OnLook());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>The actor's recipe.</summary>
    /// <param name="ledger">Decides.</param>
    /// <param name="limits">The bounds of admission.</param>
    /// <param name="time">The clock.</param>
    public static Props PropsFor(IntakeLedger ledger, IntakeLimits limits, TimeProvider time) =>
        Props.Create(() => new IntakeActor(ledger, limits, time));

    /// <summary>Whoever waited when the actor failed gets no answer, and the connection's own limit of time ends that.</summary>
    protected override void PostStop() => _ledger.Freed = null;

    private void OnReserve(IntakeMessages.ReserveSpace request)
    {
        var key = ShareKey.Of(request.Client, request.Sender, request.Policy);
        var waiter = new Waiter(Sender, request.Number, request.DeclaredBytes);
        // Nobody passes those that wait: their turns are what makes it fair.
        if (_waiters.Count > 0 || !TryServe(key, waiter))
        {
            _waiters.Add(key, waiter, Now);
            if (_waiters.Count > _limits.WaitingMax)
            {
                Refuse(_waiters.TakeFromLongest(), Admission.Congested);
            }

            Serve();
        }
    }

    private void OnFreed()
    {
        Interlocked.Exchange(ref _isFreedTold, 0);
        Serve();
    }

    private void OnLook()
    {
        foreach (var late in _waiters.TakeOlderThan(Now - _limits.WaitTime))
        {
            Refuse(late, Admission.Congested);
        }

        Serve();
        if (_waiters.Count > 0)
        {
            _ledger.MakeWay([.. _waiters.HeadsOlderThan(Now - _limits.MakeWayAfter).Select(static head => (head.Key, head.Waiter.DeclaredBytes))], Now);
        }
    }

    private void Serve()
    {
        _waiters.Serve(TryServe);
        if (_waiters.Count == 0)
        {
            _ledger.Freed = null;
            Timers.Cancel(LookAtWaiters.Instance);
        }
        else if (_ledger.Freed is null)
        {
            var self = Self;
            _ledger.Freed = () =>
            {
                // One word is enough for all that is given back until it is heard.
                if (Interlocked.Exchange(ref _isFreedTold, 1) == 0)
                {
                    self.Tell(Freed.Instance);
                }
            };
            Timers.StartPeriodicTimer(LookAtWaiters.Instance, LookAtWaiters.Instance, Look);
            self.Tell(Freed.Instance); // for what was given back just before
        }
    }

    private bool TryServe(ShareKey key, Waiter waiter)
    {
        var admission = _ledger.Reserve(key, waiter.DeclaredBytes, Now, out var hold);
        switch (admission)
        {
            case Admission.Wait:
                return false;
            case Admission.Granted:
                waiter.Asker.Tell(new IntakeMessages.SpaceReserved(waiter.Number, hold!));
                return true;
            default:
                Refuse(waiter, admission);
                return true;
        }
    }

    private void Refuse(Waiter waiter, Admission admission) =>
        waiter.Asker.Tell(new IntakeMessages.SpaceRefused(waiter.Number, _ledger.Refuse(admission), Admissions.NameOf(admission)));

    private sealed record Waiter(IActorRef Asker, long Number, long? DeclaredBytes);

    private sealed record Freed : INoSerializationVerificationNeeded
    {
        public static readonly Freed Instance = new();
    }

    private sealed record LookAtWaiters : INoSerializationVerificationNeeded
    {
        public static readonly LookAtWaiters Instance = new();
    }
}
