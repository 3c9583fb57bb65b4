using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Bounces;
using Relay.Actors.Queues;
using Relay.Messages.Ids;
using Relay.Messages.Stored;

namespace Relay.Actors.Tests.Bounces;

public sealed class BounceActorSpecs : ActorSpecs
{
    [Fact]
    public async Task After_a_defect_what_waited_is_asked_for_anew_and_its_cause_a_while_later()
    {
        var queue = CreateTestProbe();
        var bounces = Sys.ActorOf(BounceActor.PropsFor(queue, Resources()));
        bounces.Tell(Owed(1, "a@x.example")); // over its limit, so that it waits
        bounces.Tell(Owed(2, "b@x.example"));
        bounces.Tell(Owed(3, "no address at all"));
        bounces.Tell(Owed(4, "c@x.example"));
        var anew = new[] { await NextAsync(queue), await NextAsync(queue) };
        Array.Sort(anew);
        Assert.Equal([1UL, 2], anew);
        Assert.Equal(3UL, await NextAsync(queue));
        await queue.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100)); // the fourth waits with the actor that came after
    }

    private static async Task<ulong> NextAsync(TestProbe queue) => (await queue.ExpectMsgAsync<QueueActor.ReportNotMade>()).Message.Sequence;

    private static OwedReport Owed(ulong number, string sender) =>
        new(new MessageId(1, number), ReportKind.Failed, sender, [0], [RecipientProgress.Fresh], DateTimeOffset.UnixEpoch, IsStrangers: false);

    private static BounceResources Resources() => new(
        null!, // nothing is written here
        "mx.relay.example",
        null!, // and so there is nothing to say of it
        new FakeTimeProvider())
    {
        Limits = new BounceLimits { SenderBurst = 0, RetryTime = TimeSpan.FromMilliseconds(200) },
    };
}
