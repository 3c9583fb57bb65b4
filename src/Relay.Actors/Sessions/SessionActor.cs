using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Messages.Intake;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;

namespace Relay.Actors.Sessions;

/// <summary>The authority for one SMTP conversation: says whether a mail may begin, and holds what was granted for it.</summary>
/// <remarks>Idle -> Reserving -> Granted -> Idle. It never touches bytes, and gets a constant number of messages a mail.</remarks>
public sealed class SessionActor : ReceiveActor
{
    private readonly PolicyAgent _policy;
    private readonly IActorRef _intake;
    private long _number;
    private long _heldBytes;
    private PolicySnapshot? _snapshot;
    private PendingDecision? _pending;
    private int _answersOwed;
    private bool _closing;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public SessionActor(PolicyAgent policy, IActorRef intake)
    {
        _policy = policy;
        _intake = intake;
        Receive<SessionMessages.MailRequested>(OnMailRequested);
        Receive<IntakeMessages.SpaceReserved>(OnSpaceReserved);
        Receive<IntakeMessages.SpaceRefused>(OnSpaceRefused);
        Receive<SessionMessages.MailEnded>(_ => ReleaseHeld());
        Receive<SessionMessages.ConnectionClosed>(_ => OnConnectionClosed());
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(PolicyAgent policy, IActorRef intake) => Props.Create(() => new SessionActor(policy, intake));

    /// <summary>Whatever ends the session, nothing stays reserved and nobody waits for ever.</summary>
    protected override void PostStop()
    {
        _pending?.Abandon(new SessionLostException());
        ReleaseHeld();
    }

    private void OnMailRequested(SessionMessages.MailRequested request)
    {
        ReleaseHeld();
        _snapshot = _policy.Current;
        _pending = request.Decision;
        _number++;
        var verdict = _snapshot.DecideSender(request.Client, request.Sender);
        if (verdict.Reply is { } refusal)
        {
            Answer(new MailRefused(Self, refusal, verdict.RuleAndPlace));
            return;
        }

        _answersOwed++;
        _intake.Tell(new IntakeMessages.ReserveSpace(_number, request.Parameters.DeclaredSize));
    }

    private void OnConnectionClosed()
    {
        _closing = true;
        StopWhenSettled();
    }

    // A reservation on its way to a session that has stopped would be held for ever.
    private void StopWhenSettled()
    {
        if (_closing && _answersOwed == 0)
        {
            Context.Stop(Self);
        }
    }

    private void OnSpaceReserved(IntakeMessages.SpaceReserved reserved)
    {
        _answersOwed--;
        _heldBytes += reserved.Bytes;
        if (reserved.Number != _number || _snapshot is null || !Answer(new MailGranted(Self, _snapshot)))
        {
            ReleaseHeld();
        }

        StopWhenSettled();
    }

    private void OnSpaceRefused(IntakeMessages.SpaceRefused refused)
    {
        _answersOwed--;
        if (refused.Number == _number)
        {
            Answer(new MailRefused(Self, refused.Reply, refused.Reason));
        }

        StopWhenSettled();
    }

    private bool Answer(MailDecision decision)
    {
        var pending = _pending;
        _pending = null;
        return pending?.TryAnswer(decision) ?? false;
    }

    private void ReleaseHeld()
    {
        if (_heldBytes > 0)
        {
            _intake.Tell(new IntakeMessages.ReleaseSpace(_heldBytes));
            _heldBytes = 0;
        }
    }
}
