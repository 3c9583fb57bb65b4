using System.Net;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Greylisting;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Greylisting;
using Relay.Policy.Greylisting;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Greylisting;

public sealed class GreylistDeskTests : ActorSpecs
{
    private static readonly GreylistRules Rules = new() { Delay = TimeSpan.FromMinutes(5) };

    private readonly FakeTimeProvider _time = new();
    private readonly GreylistDesk _desk;

    public GreylistDeskTests() => _desk = new GreylistDesk(_time);

    [Fact]
    public async Task A_memory_that_lives_in_a_shard_tells_what_is_to_become_of_a_triplet()
    {
        var memory = Sys.ActorOf(GreylistActor.PropsFor(new BudgetClock(_time)));
        var gateway = Sys.ActorOf(Props.Create(() => new Gateway(memory, _desk)));
        Assert.Equal(new GreylistFinding(Rules.Delay, IsFirst: true), await _desk.AskAsync(gateway, Someone(), Rules));
        _time.Advance(Rules.Delay);
        Assert.Equal(new GreylistFinding(TimeSpan.Zero, IsFirst: true), await _desk.AskAsync(gateway, Someone(), Rules));
    }

    [Fact]
    public async Task Nobody_waits_for_a_memory_that_cannot_be_asked_and_for_a_while_nobody_asks_it()
    {
        Assert.Null(await _desk.AskAsync(gateway: null, Someone(), Rules));

        var asking = _desk.AskAsync(TestActor, Someone(), Rules).AsTask();
        var came = ExpectMsg<GreylistMessages.TripletCame>();
        _time.Advance(GreylistDesk.Patience);
        Assert.Null(await asking);
        _desk.Judged(new GreylistMessages.TripletJudged(came.Number, default)); // too late for anybody

        Assert.Null(await _desk.AskAsync(TestActor, Someone(), Rules));
        ExpectNoMsg(TimeSpan.Zero);

        _time.Advance(GreylistDesk.Respite);
        asking = _desk.AskAsync(TestActor, Someone(), Rules).AsTask();
        came = ExpectMsg<GreylistMessages.TripletCame>();
        _desk.Judged(new GreylistMessages.TripletJudged(came.Number, new GreylistFinding(TimeSpan.FromSeconds(3), IsFirst: false)));
        Assert.Equal(TimeSpan.FromSeconds(3), (await asking)!.Value.Left);
    }

    private static Triplet Someone()
    {
        Assert.True(MailPath.TryParse("a@b.example", out var sender));
        return Triplet.Of(IPAddress.Parse("192.0.2.7"), sender, sender);
    }

    private sealed class Gateway : ReceiveActor
    {
        public Gateway(IActorRef memory, GreylistDesk desk)
        {
            Receive<GreylistMessages.TripletCame>(came => memory.Tell(came, Self));
            Receive<GreylistMessages.TripletJudged>(desk.Judged);
        }
    }
}
