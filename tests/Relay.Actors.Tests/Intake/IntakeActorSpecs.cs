using System.Net;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Intake;
using Relay.Messages.Intake;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Intake;

public sealed class IntakeActorSpecs : ActorSpecs
{
    private static readonly PolicySnapshot Policy = PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: false);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_mail_waits_for_another_to_end()
    {
        var (actor, _) = Start(new IntakeLimits { UnderWayBytesMax = 1000 });
        Ask(actor, 1, "alice", 1000);
        var first = await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        Ask(actor, 2, "bob", 1000);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        first.Hold.Release();
        Assert.Equal(2, (await ExpectMsgAsync<IntakeMessages.SpaceReserved>()).Number);
    }

    [Fact]
    public async Task Waiting_is_hopeless_after_a_while()
    {
        var (actor, intake) = Start(new IntakeLimits { UnderWayBytesMax = 1000 });
        Ask(actor, 1, "alice", 1000);
        await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        Ask(actor, 2, "bob", 1000);
        await actor.Ask<ActorIdentity>(new Identify(null)); // it waits since now
        _time.Advance(intake.Limits.WaitTime + TimeSpan.FromMilliseconds(1));
        var refused = await ExpectMsgAsync<IntakeMessages.SpaceRefused>();
        Assert.Equal((2L, 451, "4.4.5", "congestion"), (refused.Number, refused.Reply.Code, refused.Reply.Status.ToString(), refused.Reason));
        Assert.Equal(1, intake.Ledger.RefusalsOf(Admission.Congested));
    }

    [Fact]
    public async Task When_too_many_wait_the_last_of_whoever_has_most_goes()
    {
        var (actor, _) = Start(new IntakeLimits { UnderWayBytesMax = 1000, WaitingMax = 2 });
        Ask(actor, 1, "alice", 1000);
        await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        Ask(actor, 2, "bob", 1000);
        Ask(actor, 3, "bob", 1000);
        Ask(actor, 4, "carol", 1000);
        Assert.Equal(3, (await ExpectMsgAsync<IntakeMessages.SpaceRefused>()).Number);
    }

    [Fact]
    public async Task Nobody_passes_those_that_wait()
    {
        var (actor, _) = Start(new IntakeLimits { UnderWayBytesMax = 1333 });
        Ask(actor, 1, "alice", 500);
        var first = await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        Ask(actor, 2, "bob", 400);
        await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        Ask(actor, 3, "carol", 600); // waits
        Ask(actor, 4, "dave", 100); // comes later, and goes first only because carol cannot
        Assert.Equal(4, (await ExpectMsgAsync<IntakeMessages.SpaceReserved>()).Number);
        first.Hold.Release();
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_share_that_is_used_up_is_said_at_once()
    {
        var (actor, intake) = Start(new IntakeLimits { SenderBytesMax = 1000 });
        intake.Ledger.Shares.Store(TestIntake.Sender("alice"), 1000);
        Ask(actor, 1, "alice", 1);
        var refused = await ExpectMsgAsync<IntakeMessages.SpaceRefused>();
        Assert.Equal((452, "4.3.1", "share"), (refused.Reply.Code, refused.Reply.Status.ToString(), refused.Reason));
    }

    [Fact]
    public async Task A_slow_mail_gives_way_to_one_that_waits()
    {
        var (actor, intake) = Start(new IntakeLimits { UnderWayBytesMax = 1000 });
        Ask(actor, 1, "alice", 1000);
        var slow = await ExpectMsgAsync<IntakeMessages.SpaceReserved>();
        _time.Advance(intake.Limits.GiveWayAfter);
        Ask(actor, 2, "bob", 1000);
        await actor.Ask<ActorIdentity>(new Identify(null)); // it waits since now
        Assert.False(slow.Hold.MustGiveWay);
        _time.Advance(intake.Limits.MakeWayAfter);
        await AwaitAssertAsync(() => Assert.True(slow.Hold.MustGiveWay));
        slow.Hold.Release();
        Assert.Equal(2, (await ExpectMsgAsync<IntakeMessages.SpaceReserved>()).Number);
        Assert.Equal(1, intake.Ledger.GivenWay);
    }

    private (IActorRef Actor, TestIntake Intake) Start(IntakeLimits limits)
    {
        var intake = new TestIntake(limits);
        return (Sys.ActorOf(IntakeActor.PropsFor(intake.Ledger, limits, _time)), intake);
    }

    private void Ask(IActorRef actor, long number, string user, long bytes) => actor.Tell(
        new IntakeMessages.ReserveSpace(number, new ClientFacts(IPAddress.Loopback, "default", user), MailPath.Null, Policy, bytes), TestActor);
}
