using Akka.Actor;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Asks budgets for what this node's leases do not cover. It lives in the mail system: whoever asks is answered in bounded time, whatever the cluster does.</summary>
public sealed class LimitDeskActor : ReceiveActor, IWithTimers
{
    private const string PatienceTimer = "patience";
    private const string SweepTimer = "sweep";

    /// <summary>How often it is looked for requests that take too long, as a part of the patience.</summary>
    private const int LooksPerPatience = 6;

    private readonly LimitAgent _agent;
    private readonly LimitDesk _desk;
    private bool _isLooking;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public LimitDeskActor(LimitAgent agent)
    {
        _agent = agent;
        _desk = new LimitDesk(agent, agent.Time, Send, key => _agent.Gateway?.Tell(new LimitGatewayActor.AskOthers(key), ActorRefs.NoSender));
        Receive<Want>(OnWant);
        Receive<Used>(used => Send(new LimitMessages.TokensUsed(used.Claim.Key, used.Claim.Rule.Limit.Budget, used.Tokens, TimeSpan.Zero)));
        Receive<Refill>(OnRefill);
        Receive<Answered>(OnAnswered);
        Receive<LimitMessages.TokensLent>(_desk.Lent);
        Receive<Look>(_ => OnLook());
        Receive<Sweep>(_ => OnSweep());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(LimitAgent agent) => Props.Create(() => new LimitDeskActor(agent));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(SweepTimer, Sweep.Instance, _agent.Bounds.Sweep);

    /// <summary>Nobody waits for ever.</summary>
    protected override void PostStop() => _desk.GiveUpAll();

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        if (message is Want want)
        {
            want.Answer(LimitAnswer.Refused(want.Claims[0].Rule.Unavailable));
        }

        base.PreRestart(reason, message);
    }

    private void OnWant(Want want)
    {
        _desk.Want(want.Claims, want.Fallback, want.Answer);
        LookWhileAsking();
    }

    private void OnRefill(Refill refill)
    {
        _desk.Refill(refill.Claim, refill.Tokens);
        LookWhileAsking();
    }

    private void OnAnswered(Answered answered)
    {
        _desk.Answered(answered.Answer, answered.IsHere);
        LookWhileAsking();
    }

    private void OnLook()
    {
        _isLooking = false;
        _desk.GiveUpLate();
        LookWhileAsking();
    }

    private void LookWhileAsking()
    {
        if (_desk.HasRequests && !_isLooking)
        {
            _isLooking = true;
            Timers.StartSingleTimer(PatienceTimer, Look.Instance, _agent.Patience / LooksPerPatience);
        }
    }

    private void OnSweep()
    {
        foreach (var (key, budget, tokens) in _agent.Leases.Sweep())
        {
            Send(new LimitMessages.TokensReturned(key, budget, tokens));
        }

        if (_agent.Gateway is { } gateway)
        {
            foreach (var loan in _agent.Leases.Loans.Due())
            {
                gateway.Tell(new LimitGatewayActor.Lend(loan), ActorRefs.NoSender);
            }
        }
    }

    private bool Send(IBudgetMessage message)
    {
        if (_agent.Gateway is not { } gateway)
        {
            return false;
        }

        gateway.Tell(message, ActorRefs.NoSender);
        return true;
    }

    /// <summary>Takes the tokens of all claims, or of none.</summary>
    /// <param name="Claims">What is wanted; at least one.</param>
    /// <param name="Fallback">What happens when a budget cannot be asked.</param>
    /// <param name="Answer">Called once, on the desk's thread: it must neither wait nor throw.</param>
    public sealed record Want(IReadOnlyList<LimitClaim> Claims, LimitFallback Fallback, Action<LimitAnswer> Answer);

    /// <summary>Tokens were used that no lease covered.</summary>
    /// <param name="Claim">The claim on their budget.</param>
    /// <param name="Tokens">How many, from 1.</param>
    public sealed record Used(LimitClaim Claim, long Tokens);

    /// <summary>Asks for tokens before they are needed.</summary>
    /// <param name="Claim">A claim on the budget.</param>
    /// <param name="Tokens">How many, from 1.</param>
    public sealed record Refill(LimitClaim Claim, long Tokens);

    /// <summary>A budget has answered.</summary>
    /// <param name="Answer">What it said.</param>
    /// <param name="IsHere">It lives on this node.</param>
    public sealed record Answered(LimitMessages.TokensAnswered Answer, bool IsHere);

    private sealed record Look
    {
        public static readonly Look Instance = new();
    }

    private sealed record Sweep
    {
        public static readonly Sweep Instance = new();
    }
}
