using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Actors.Tests.Deliveries;

public sealed class OutboundConversationTests
{
    private static readonly DestinationKey Key =
        MailDomain.TryParse("one.example", out var domain) ? DestinationKey.ForDomain(domain) : throw new InvalidOperationException();

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 30)]
    public async Task A_host_that_does_not_greet_is_waited_for_as_long_as_there_are_places_to_spare(int taken, int seconds)
    {
        var slots = new OutboundSlots(2);
        for (var i = 0; i < taken; i++)
        {
            Assert.True(slots.TryTake(isProven: true));
        }

        var resources = new DeliveryResources(
            new OneHop(),
            new SilentConnector(),
            null!, // no message is carried here
            new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)),
            new ClientDialogueOptions("mx.relay.example"),
            _time)
        {
            Slots = slots,
        };
        using var conversation = new OutboundConversation(Key, resources);
        var opening = conversation.OpenAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(opening.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        var failure = await opening.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((OutcomeKind.Deferred, ClientStage.Greeting), (failure!.Kind, failure.Stage));
        Assert.Equal("451 4.4.2 The next hop did not answer in time", failure.Reply.ToString());
    }

    private sealed class OneHop : INextHopResolver
    {
        public Task<NextHopResolution> ResolveAsync(DestinationKey destination, CancellationToken cancellation) =>
            Task.FromResult(NextHopResolution.Found([new NextHop("one.example", new IPEndPoint(IPAddress.Loopback, 25))]));
    }

    private sealed class SilentConnector : IOutboundConnector
    {
        public Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation) => Task.FromResult<IOutboundLink>(new SilentLink());
    }

    private sealed class SilentLink : IOutboundLink
    {
        private readonly Pipe _in = new();
        private readonly Pipe _out = new();

        public PipeReader Input => _in.Reader;

        public PipeWriter Output => _out.Writer;

        public bool HasArrived => false;

        public Task<TlsFacts> StartTlsAsync(NextHop hop, bool mustVerify, CancellationToken cancellation) =>
            throw new InvalidOperationException("Nothing was offered.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
