using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.TestKit;
using Relay.Actors.Deliveries;
using Relay.Actors.Destinations;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Policy.Decisions;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Destinations;

public sealed class DestinationActorSpecs : ActorSpecs
{
    private static readonly DestinationLimits Limits = new() { PullMax = 4, LowWater = 2 };
    private static readonly DestinationKey Key = DestinationKey.ForSite([new MailExchanger(0, "mx.one.example")]);

    private readonly TestProbe _queue;

    public DestinationActorSpecs()
    {
        _queue = CreateTestProbe();
    }

    [Fact]
    public async Task A_site_that_cannot_be_reached_gives_back_untouched_what_was_pulled_and_waits_for_word()
    {
        var destination = Make(Temporary());
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        Assert.Equal(4, (await _queue.ExpectMsgAsync<DestinationMessages.PullWork>()).Max);
        destination.Tell(new DestinationMessages.Work([Item(1), Item(2), Item(3), Item(4)]), _queue);
        var failed = await _queue.ExpectMsgAsync<DestinationMessages.SiteFailed>();
        Assert.Equal([1UL, 2, 3, 4], failed.Items.Select(static item => item.Id.Sequence));
        Assert.Equal("451 4.4.3 no answer", failed.Failure.Reply.ToString());
        await _queue.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
    }

    [Fact]
    public async Task What_is_called_back_is_given_back()
    {
        var resources = Resources(Temporary(), Limits) with { Resolver = new SilentResolver() }; // so that nothing can be begun
        var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1), Item(2)]), _queue);
        destination.Tell(new DestinationMessages.ReturnWork(Key));
        Assert.Equal(2, (await _queue.ExpectMsgAsync<DestinationMessages.WorkReturned>()).Items.Length);
    }

    [Fact]
    public async Task A_domain_that_takes_no_mail_fails_what_is_pulled_and_does_not_park()
    {
        var destination = Make(NextHopResolution.Failed(
            new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(556, new(5, 1, 10), "null MX"))));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1), Item(2), Item(3), Item(4)]), _queue);
        var bounced = 0;
        while (bounced < 4)
        {
            var attempt = await _queue.FishForMessageAsync<DestinationMessages.AttemptFinished>(_ => true);
            Assert.Equal(OutcomeKind.Bounced, Assert.Single(attempt.Outcomes).Kind);
            bounced++;
        }

        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.FishForMessageAsync<DestinationMessages.PullWork>(pull => pull.Max == 4);
    }

    [Fact]
    public async Task An_idle_destination_asks_to_leave_and_stays_when_work_comes_in_between()
    {
        var parent = CreateTestProbe();
        var destination = parent.ChildActorOf(DestinationActor.PropsFor(Key, _queue, Resources(Temporary(), Limits with { IdleTime = TimeSpan.FromMilliseconds(20) })));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([]), _queue);
        await parent.ExpectMsgAsync<DestinationActor.Idle>();
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        destination.Tell(DestinationActor.Leave.Instance);
        await parent.ExpectMsgAsync<DestinationActor.Busy>();
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([]), _queue);
        await parent.ExpectMsgAsync<DestinationActor.Idle>();
        Watch(destination);
        destination.Tell(DestinationActor.Leave.Instance);
        await ExpectTerminatedAsync(destination);
    }

    [Fact]
    public async Task A_draining_destination_without_connections_stops_at_once()
    {
        var destination = Make(Temporary());
        Watch(destination);
        destination.Tell(DestinationActor.Drain.Instance);
        await ExpectTerminatedAsync(destination);
    }

    [Fact]
    public async Task A_draining_destination_does_not_wait_for_a_host_that_says_nothing()
    {
        var connector = new SilentConnector();
        var resources = Resources(Found(), Limits) with { Connector = connector };
        var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1)]), _queue);
        await connector.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, resources.Slots.InUse);
        Watch(destination);
        destination.Tell(DestinationActor.Drain.Instance);
        await ExpectTerminatedAsync(destination);
        Assert.Equal(0, resources.Slots.InUse);
    }

    [Fact]
    public async Task Hosts_that_nobody_finds_take_no_connection_and_are_looked_up_for_those_whose_mail_waits()
    {
        var resolver = new SilentResolver();
        var resources = Resources(Temporary(), Limits) with { Resolver = resolver };
        var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1) with { Flow = "alice" }, Item(2), Item(3) with { Flow = "alice" }]), _queue);
        Assert.Equal(["alice", ""], await resolver.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, resources.Slots.InUse);
    }

    [Fact]
    public async Task A_destination_that_is_ended_while_it_waits_for_a_place_keeps_none_from_the_next()
    {
        var slots = new OutboundSlots(1);
        Assert.True(slots.TryTake(isProven: true));
        var resources = Resources(Found(), Limits) with { Slots = slots };
        var first = Waiting();
        await AwaitConditionAsync(() => Task.FromResult(slots.Waiting == 1));
        Watch(first);
        Sys.Stop(first);
        await ExpectTerminatedAsync(first);
        Waiting();
        await AwaitConditionAsync(() => Task.FromResult(slots.Waiting == 2));
        slots.Release();
        await _queue.FishForMessageAsync<DestinationMessages.SiteFailed>(_ => true);
        await AwaitConditionAsync(() => Task.FromResult(slots.InUse == 0));

        IActorRef Waiting()
        {
            var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
            destination.Tell(new DestinationMessages.WorkAvailable(Key));
            destination.Tell(new DestinationMessages.Work([Item(1)]), _queue);
            return destination;
        }
    }

    [Fact]
    public async Task A_node_without_a_connection_to_spare_opens_none_until_one_is_given_back()
    {
        var slots = new OutboundSlots(1);
        Assert.True(slots.TryTake(isProven: true));
        var resources = Resources(Found(), Limits with { ReopenTime = TimeSpan.FromMinutes(5) }) with { Slots = slots };
        var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1)]), _queue);
        await _queue.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));

        slots.Release();
        var failed = await _queue.FishForMessageAsync<DestinationMessages.SiteFailed>(_ => true);
        Assert.Equal(1UL, Assert.Single(failed.Items).Id.Sequence);
        await AwaitConditionAsync(() => Task.FromResult(slots.InUse == 0));
    }

    [Fact]
    public async Task A_defect_in_the_opening_of_a_connection_is_not_met_again_at_once()
    {
        var resolver = new FailingResolver();
        var resources = Resources(Temporary(), Limits with { ReopenTime = TimeSpan.FromMinutes(5) }) with { Resolver = resolver };
        var destination = Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, resources));
        destination.Tell(new DestinationMessages.WorkAvailable(Key));
        await _queue.ExpectMsgAsync<DestinationMessages.PullWork>();
        destination.Tell(new DestinationMessages.Work([Item(1)]), _queue);
        await AwaitConditionAsync(() => Task.FromResult(resources.Slots.InUse == 0 && resolver.Calls > 0));
        await _queue.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, resolver.Calls);
    }

    private static NextHopResolution Temporary() => NextHopResolution.Failed(
        new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, new SmtpReply(451, new(4, 4, 3), "no answer")));

    private static NextHopResolution Found() =>
        NextHopResolution.Found([new NextHop("mx.one.example", new IPEndPoint(IPAddress.Loopback, 25))]);

    private static DeliveryItem Item(ulong number) => new(new MessageId(1, number), Key, [0]);

    private static DeliveryResources Resources(NextHopResolution resolution, DestinationLimits limits) => new(
        new FixedResolver(resolution),
        new RefusingConnector(),
        null!, // no delivery comes as far as the spool here
        new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)),
        new ClientDialogueOptions("mx.relay.example"),
        TimeProvider.System)
    {
        DestinationLimits = limits,
    };

    private IActorRef Make(NextHopResolution resolution) =>
        Sys.ActorOf(DestinationActor.PropsFor(Key, _queue, Resources(resolution, Limits)));

    private sealed class FixedResolver(NextHopResolution resolution) : INextHopResolver
    {
        public Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation) => Task.FromResult(resolution);
    }

    private sealed class SilentResolver : INextHopResolver
    {
        public TaskCompletionSource<IReadOnlyCollection<string>> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation)
        {
            Asked.TrySetResult(flows);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return Temporary();
        }
    }

    private sealed class FailingResolver : INextHopResolver
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromException<NextHopResolution>(new FormatException("a defect"));
        }
    }

    private sealed class SilentConnector : IOutboundConnector
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new IOException("never");
        }
    }

    private sealed class RefusingConnector : IOutboundConnector
    {
        public Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation) =>
            throw new SocketException((int)SocketError.ConnectionRefused);
    }
}
