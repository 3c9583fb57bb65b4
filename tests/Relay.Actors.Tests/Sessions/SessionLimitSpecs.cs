using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Actors.Sessions;
using Relay.Actors.Tests.Intake;
using Relay.Actors.Tests.Policy.Limits;
using Relay.Messages.Intake;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Sessions;

/// <summary>How a session holds mails against limits.</summary>
public sealed class SessionLimitSpecs : ActorSpecs
{
    private readonly PolicySnapshot _policy = TestLimits.Policy("""{ "name": "slow", "rate": "60/min", "burst": 10 }""");
    private readonly PolicyAgent _agent;
    private readonly LimitAgent _limits = new(new LimitBounds(), 1, TimeProvider.System);
    private readonly PendingDecision _pending = new();
    private readonly LimitClaim _claim;
    private readonly TestIntake _intake = new();

    public SessionLimitSpecs()
    {
        _agent = new PolicyAgent(_policy, _limits);
        _claim = TestLimits.Claims(_policy)[0];
        _limits.Open(TestActor);
    }

    [Fact]
    public async Task Mail_that_a_lease_covers_asks_nobody()
    {
        _limits.Leases.Answered(_claim, 1);
        _ = RequestAsync(Session());
        await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
    }

    [Fact]
    public async Task Mail_without_a_lease_waits_for_the_desk_and_then_for_room()
    {
        var asked = RequestAsync(Session());
        var want = await ExpectMsgAsync<LimitDeskActor.Want>();
        Assert.Equal("slow 192.0.2.7", Assert.Single(want.Claims).Key);
        want.Answer(LimitAnswer.Taken);
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        LastSender.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(10)));
        Assert.Equal(want.Claims, Assert.IsType<MailGranted>(await asked).Claims);
    }

    [Fact]
    public async Task Mail_over_the_limit_is_refused_with_its_rule_and_reserves_nothing()
    {
        _limits.Leases.Refused(_claim, TimeSpan.FromMinutes(1));
        var refused = Assert.IsType<MailRefused>(await RequestAsync(Session()));
        Assert.Equal((450, "limits[\"slow\"] (line 1)"), (refused.Reply.Code, refused.Rule));
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Tokens_come_back_when_there_is_no_room()
    {
        _limits.Leases.Answered(_claim, 1);
        var asked = RequestAsync(Session());
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        LastSender.Tell(new IntakeMessages.SpaceRefused(reserve.Number, new SmtpReply(452, new(4, 3, 1), "full"), "intake"));
        Assert.IsType<MailRefused>(await asked);
        Assert.Equal(LimitAnswer.Taken, _limits.Leases.Take([_claim], LimitFallback.Defer));
    }

    [Fact]
    public async Task Tokens_come_back_when_nobody_waits_any_more()
    {
        var session = Session();
        var asked = RequestAsync(session);
        var want = await ExpectMsgAsync<LimitDeskActor.Want>();
        _pending.Abandon(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
        Watch(session);
        session.Tell(SessionMessages.ConnectionClosed.Instance);
        want.Answer(LimitAnswer.Taken);
        await ExpectTerminatedAsync(session);
        Assert.Equal(LimitAnswer.Taken, _limits.Leases.Take([_claim], LimitFallback.Defer));
    }

    [Fact]
    public async Task Recipient_without_a_lease_is_asked_for()
    {
        var session = Session();
        _limits.Leases.Answered(_claim, 1);
        var mail = RequestAsync(session);
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        session.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(10)));
        await mail;
        var first = _pending.Ask().AsTask();
        session.Tell(new SessionMessages.RecipientRequested([_claim], _pending));
        (await ExpectMsgAsync<LimitDeskActor.Want>()).Answer(LimitAnswer.Taken);
        Assert.Same(RecipientGranted.Instance, await first);
        var second = _pending.Ask().AsTask();
        session.Tell(new SessionMessages.RecipientRequested([_claim], _pending));
        (await ExpectMsgAsync<LimitDeskActor.Want>()).Answer(LimitAnswer.Refused(_claim.Rule.Refusal));
        Assert.Same(_claim.Rule.Refusal, Assert.IsType<RecipientRefused>(await second).Verdict);
    }

    private IActorRef Session() => Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));

    private Task<MailDecision> RequestAsync(IActorRef session)
    {
        var asked = _pending.Ask().AsTask();
        Assert.True(MailPath.TryParse("a@b.example", out var sender));
        session.Tell(new SessionMessages.MailRequested(new ClientFacts(TestLimits.Client, "public", null), sender, MailParameters.None, _pending));
        return asked;
    }
}
