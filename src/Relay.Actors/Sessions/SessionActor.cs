using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Intake;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Sessions;

/// <summary>The authority for one SMTP conversation: says whether a mail may begin, and holds what was granted for it.</summary>
/// <remarks>Idle -> Asking limits -> Reserving -> Granted -> Idle. It never touches bytes, and gets a constant number of messages a mail.</remarks>
public sealed class SessionActor : ReceiveActor
{
    private readonly PolicyAgent _policy;
    private readonly IActorRef _intake;
    private long _number;
    private ISpaceHold? _hold;
    private SessionMessages.MailRequested? _request;
    private PolicySnapshot? _snapshot;
    private IReadOnlyList<LimitClaim> _claims = [];
    private PendingDecision? _pending;
    private int _answersOwed;
    private bool _closing;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public SessionActor(PolicyAgent policy, IActorRef intake)
    {
        _policy = policy;
        _intake = intake;
        Receive<SessionMessages.MailRequested>(OnMailRequested);
        Receive<SessionMessages.RecipientRequested>(OnRecipientRequested);
        Receive<MailLimits>(OnMailLimits);
        Receive<RecipientLimits>(OnRecipientLimits);
        Receive<IntakeMessages.SpaceReserved>(OnSpaceReserved);
        Receive<IntakeMessages.SpaceRefused>(OnSpaceRefused);
        Receive<SessionMessages.MailEnded>(OnMailEnded);
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

        _request = request;
        _claims = _snapshot.RateLimits.ForMail(request.Client, request.Sender, request.Parameters.DeclaredSize);
        var answer = _policy.Limits.Leases.Take(_claims, _snapshot.RateLimits.Fallback);
        if (answer.Kind == LimitAnswerKind.Unknown)
        {
            var (self, number, claims) = (Self, _number, _claims);
            _answersOwed++;
            AskLimits(_claims, decided => self.Tell(new MailLimits(number, claims, decided)));
            return;
        }

        Decide(answer);
    }

    private void OnMailLimits(MailLimits limits)
    {
        _answersOwed--;
        if (limits.Number == _number && _pending is not null && !_closing)
        {
            Decide(limits.Answer);
        }
        else if (limits.Answer.Kind == LimitAnswerKind.Taken)
        {
            GiveBack(limits.Claims);
        }

        StopWhenSettled();
    }

    private void Decide(LimitAnswer answer)
    {
        if (answer.Refusal is { } refusal)
        {
            Answer(new MailRefused(Self, refusal.Reply!, refusal.RuleAndPlace));
            return;
        }

        _answersOwed++;
        var (request, policy) = (_request!, _snapshot!);
        _intake.Tell(new IntakeMessages.ReserveSpace(_number, request.Client, request.Sender, policy, request.Parameters.DeclaredSize));
    }

    private void OnRecipientRequested(SessionMessages.RecipientRequested request)
    {
        var (self, number, claims) = (Self, _number, request.Claims);
        _pending = request.Decision;
        _answersOwed++;
        AskLimits(claims, decided => self.Tell(new RecipientLimits(number, claims, decided)));
    }

    private void OnRecipientLimits(RecipientLimits limits)
    {
        _answersOwed--;
        var isOfMail = limits.Number == _number;
        if (limits.Answer.Refusal is { } refusal)
        {
            _ = isOfMail && Answer(new RecipientRefused(refusal));
        }
        else if (!isOfMail || !Answer(RecipientGranted.Instance))
        {
            GiveBack(limits.Claims);
        }

        StopWhenSettled();
    }

    private void AskLimits(IReadOnlyList<LimitClaim> claims, Action<LimitAnswer> answer)
    {
        if (_policy.Limits.Desk is { } desk)
        {
            desk.Tell(new LimitDeskActor.Want(claims, _snapshot!.RateLimits.Fallback, answer));
        }
        else
        {
            answer(LimitAnswer.Refused(claims[0].Rule.Unavailable));
        }
    }

    private void GiveBack(IReadOnlyList<LimitClaim> claims)
    {
        foreach (var claim in claims)
        {
            _policy.Limits.Leases.GiveBack(claim);
        }
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
        if (reserved.Number != _number || _snapshot is null)
        {
            reserved.Hold.Release();
        }
        else if (Answer(new MailGranted(Self, _snapshot, _claims, reserved.Hold)))
        {
            _hold = reserved.Hold;
        }
        else
        {
            reserved.Hold.Release();
            GiveBack(_claims);
        }

        StopWhenSettled();
    }

    private void OnSpaceRefused(IntakeMessages.SpaceRefused refused)
    {
        _answersOwed--;
        if (refused.Number == _number)
        {
            GiveBack(_claims);
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

    private void OnMailEnded(SessionMessages.MailEnded ended)
    {
        if (ended.IsKept)
        {
            _hold = null;
        }

        ReleaseHeld();
    }

    private void ReleaseHeld()
    {
        _hold?.Release();
        _hold = null;
    }

    private sealed record MailLimits(long Number, IReadOnlyList<LimitClaim> Claims, LimitAnswer Answer);

    private sealed record RecipientLimits(long Number, IReadOnlyList<LimitClaim> Claims, LimitAnswer Answer);
}
