using System.Net;
using Akka.Actor;
using Relay.Actors.Intake;
using Relay.Actors.Policy;
using Relay.Actors.Sessions;
using Relay.Actors.Tests.Intake;
using Relay.Messages.Intake;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Sessions;

public sealed class SessionActorSpecs : ActorSpecs
{
    private static readonly ClientFacts Client = new(IPAddress.Loopback, "default", null);
    private static readonly PolicySnapshot Policy = PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true);
    private readonly PolicyAgent _agent = new(Policy);
    private readonly PendingDecision _pending = new();
    private readonly TestIntake _intake = new();

    [Fact]
    public async Task A_mail_is_granted_under_the_policy_of_its_beginning()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        var asked = Request(session);
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        _agent.Apply(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: false));
        session.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(10)));
        var granted = Assert.IsType<MailGranted>(await asked);
        Assert.Same(Policy, granted.Policy);
        Assert.Equal(session, granted.Session);
    }

    [Fact]
    public async Task What_is_held_is_given_back_when_the_mail_has_ended()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        await GrantAsync(session, 10);
        Assert.Equal(10, _intake.HeldBytes);
        session.Tell(SessionMessages.MailEnded.NotKept);
        await AwaitAssertAsync(() => Assert.Equal(0, _intake.HeldBytes));
    }

    [Fact]
    public async Task What_is_held_for_a_mail_that_is_kept_is_the_queues_to_give_back()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        await GrantAsync(session, 10);
        Watch(session);
        session.Tell(SessionMessages.MailEnded.Kept);
        session.Tell(SessionMessages.ConnectionClosed.Instance);
        await ExpectTerminatedAsync(session);
        Assert.Equal(10, _intake.HeldBytes);
    }

    [Fact]
    public async Task What_is_held_is_given_back_when_the_connection_is_gone()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        await GrantAsync(session, 10);
        session.Tell(SessionMessages.ConnectionClosed.Instance);
        await AwaitAssertAsync(() => Assert.Equal(0, _intake.HeldBytes));
    }

    [Fact]
    public async Task A_reservation_on_its_way_to_a_closed_connection_is_given_back_before_the_session_stops()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        Watch(session);
        _ = Request(session).AsTask();
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        session.Tell(SessionMessages.ConnectionClosed.Instance);
        session.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(10)));
        await ExpectTerminatedAsync(session);
        Assert.Equal(0, _intake.HeldBytes);
    }

    [Fact]
    public async Task An_answer_that_nobody_waits_for_any_more_gives_its_room_back()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        var asked = Request(session).AsTask();
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        _pending.Abandon(new TimeoutException());
        session.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(10)));
        await AwaitAssertAsync(() => Assert.Equal(0, _intake.HeldBytes));
        await Assert.ThrowsAsync<TimeoutException>(() => asked);
    }

    [Fact]
    public async Task A_refusal_of_the_intake_reaches_the_client_with_its_reply()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        var asked = Request(session);
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        session.Tell(new IntakeMessages.SpaceRefused(reserve.Number, new SmtpReply(452, new(4, 3, 1), "full"), "intake"));
        var refused = Assert.IsType<MailRefused>(await asked);
        Assert.Equal(452, refused.Reply.Code);
    }

    [Fact]
    public async Task A_session_that_dies_ends_the_wait_of_its_connection()
    {
        var session = Sys.ActorOf(SessionActor.PropsFor(_agent, TestActor));
        var asked = Request(session).AsTask();
        await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        Sys.Stop(session);
        await Assert.ThrowsAsync<SessionLostException>(() => asked);
    }

    [Fact]
    public async Task The_intake_ends_with_nothing_reserved_after_many_sessions()
    {
        var limits = new IntakeLimits();
        var ledger = new IntakeLedger(limits, new SpoolShares(), static () => new IntakeRoom(100, true, 0));
        var intake = Sys.ActorOf(IntakeActor.PropsFor(ledger, limits, TimeProvider.System));
        for (var i = 0; i < 20; i++)
        {
            var session = Sys.ActorOf(SessionActor.PropsFor(_agent, intake));
            var pending = new PendingDecision();
            var asked = pending.Ask();
            session.Tell(new SessionMessages.MailRequested(Client, MailPath.Null, MailParameters.None with { DeclaredSize = 100 }, pending));
            // Only one fits at a time: the next is granted only when the one before has given everything back.
            Assert.IsType<MailGranted>(await asked);
            Watch(session);
            session.Tell(SessionMessages.ConnectionClosed.Instance);
            await ExpectTerminatedAsync(session);
        }

        Assert.Equal((0L, 0), (ledger.Shares.HeldBytes, ledger.Shares.Senders));
    }

    private async Task GrantAsync(IActorRef session, long bytes)
    {
        var asked = Request(session);
        var reserve = await ExpectMsgAsync<IntakeMessages.ReserveSpace>();
        session.Tell(new IntakeMessages.SpaceReserved(reserve.Number, _intake.Hold(bytes)));
        Assert.IsType<MailGranted>(await asked);
    }

    private ValueTask<MailDecision> Request(IActorRef session)
    {
        var asked = _pending.Ask();
        session.Tell(new SessionMessages.MailRequested(Client, MailPath.Null, MailParameters.None, _pending));
        return asked;
    }
}
