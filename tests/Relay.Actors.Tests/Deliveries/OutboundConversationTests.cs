using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Client;

namespace Relay.Actors.Tests.Deliveries;

public sealed class OutboundConversationTests
{
    private static readonly DestinationKey Key = DestinationKey.ForSite([new MailExchanger(0, "mx.one.example")]);

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

        var resources = Resources(1, [null]) with { Slots = slots };
        using var conversation = new OutboundConversation(Key, resources);
        var opening = OpenAsync(conversation);
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(opening.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        var failure = await opening.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((OutcomeKind.Deferred, ClientStage.Greeting), (failure!.Kind, failure.Stage));
        Assert.Equal("451 4.4.2 The next hop did not answer in time", failure.Reply.ToString());
    }

    [Fact]
    public async Task A_host_that_greets_octet_by_octet_has_no_more_time_for_it()
    {
        var resources = Resources(1, [null]);
        using var conversation = new OutboundConversation(Key, resources);
        var opening = OpenAsync(conversation);
        var drips = 0;
        for (; drips < 1_000 && !opening.IsCompleted; drips++)
        {
            await Task.WhenAny(((Connector)resources.Connector).Last!.SayAsync("2"), opening);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(ClientStage.Greeting, (await opening.WaitAsync(TimeSpan.FromSeconds(30)))!.Stage);
        Assert.InRange(drips, 1, 100); // three hundred seconds, and what the threads took to notice
    }

    [Theory]
    [InlineData("220 mx.relay.example", "220 other.example", OutcomeKind.Bounced, "5.4.6", 1)]
    [InlineData("421 4.3.2 down", "220 mx.relay.example", OutcomeKind.Deferred, "4.3.2", 2)]
    [InlineData("refused", "220 mx.relay.example", OutcomeKind.Deferred, "4.4.1", 2)]
    [InlineData("421 4.3.2 down", "refused", OutcomeKind.Deferred, "4.3.2", 2)]
    [InlineData("refused", "421 4.3.2 down", OutcomeKind.Deferred, "4.3.2", 2)]
    public async Task Mail_bounces_from_ourselves_unless_we_stand_in_for_a_host_that_is_down(
        string first, string second, OutcomeKind kind, string status, int tried)
    {
        var resources = Resources(2, [first, second]);
        using var conversation = new OutboundConversation(Key, resources);
        var failure = await OpenAsync(conversation);
        Assert.Equal((kind, status), (failure!.Kind, failure.Reply.Status.ToString()));
        Assert.Equal(tried, ((Connector)resources.Connector).Tried);
    }

    [Theory]
    [InlineData("554 5.7.1 not you", "", "554 5.7.1 not you")]
    [InlineData("", "554 5.7.1 not you", "554 5.7.1 not you")]
    [InlineData("554 5.7.1 not you", "450 4.7.1 nor you", "450 4.7.1 nor you")]
    [InlineData("554 5.7.1 not you", "refused", "554 5.7.1 not you")]
    [InlineData("", "refused", "421 4.4.2 Connection to the next hop lost")]
    [InlineData("refused", "", "421 4.4.2 Connection to the next hop lost")]
    public async Task What_a_host_has_said_is_told_although_others_say_nothing(string first, string second, string told)
    {
        using var conversation = new OutboundConversation(Key, Resources(2, [first, second]));
        Assert.Equal(told, (await OpenAsync(conversation))!.Reply.ToString());
    }

    [Theory]
    [InlineData("421 4.3.2 down", "refused", "421 4.3.2 down")]
    [InlineData("421 4.3.2 down", "421 4.3.2 still down", "421 4.3.2 still down")]
    public async Task What_a_host_said_to_STARTTLS_is_told_when_there_is_no_second_connection(string answer, string second, string told)
    {
        var resources = Resources(1, [$"220 x\r\n250-x\r\n250 STARTTLS\r\n{answer}", second]);
        var destination = DestinationKey.ForRoute(new RouteTarget("smtp", "a.example", 25), TlsLevel.May);
        using var conversation = new OutboundConversation(destination, resources);
        Assert.Equal(told, (await OpenAsync(conversation))!.Reply.ToString());
        Assert.Equal(2, ((Connector)resources.Connector).Tried);
    }

    [Theory]
    [InlineData("none", false, StartTlsUse.Never, false, false)]
    [InlineData("may", false, StartTlsUse.WhenOffered, false, true)]
    [InlineData("encrypt", false, StartTlsUse.Required, false, false)]
    [InlineData("verify", false, StartTlsUse.Required, true, false)]
    [InlineData("none", true, StartTlsUse.Required, false, false)]
    [InlineData("may", true, StartTlsUse.Required, false, false)]
    [InlineData("verify", true, StartTlsUse.Required, true, false)]
    public void A_connection_demands_what_its_destination_says_and_TLS_for_a_password(
        string level, bool hasCredentials, StartTlsUse use, bool mustVerify, bool mayFallBack)
    {
        var destination = DestinationKey.ForRoute(new RouteTarget("smtp", "a.example", 25), TlsLevels.Parse(level)!.Value);
        var demand = TlsDemand.Of(destination, hasCredentials);
        Assert.Equal((use, mustVerify, mayFallBack), (demand.Use, demand.MustVerify, demand.Fallback is not null));
        Assert.Equal(StartTlsUse.Never, demand.Fallback?.Use ?? StartTlsUse.Never);
    }

    private static async Task<RecipientOutcome?> OpenAsync(OutboundConversation conversation) =>
        await conversation.FindAsync([""], CancellationToken.None) ?? await conversation.OpenAsync(CancellationToken.None);

    private DeliveryResources Resources(int hops, string?[] greetings) => new(
        new Hops(hops),
        new Connector(greetings),
        null!, // no message is carried here
        new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)),
        new ClientDialogueOptions("mx.relay.example"),
        _time);

    private sealed class Hops(int count) : INextHopResolver
    {
        public Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation) =>
            Task.FromResult(NextHopResolution.Found(
                [.. Enumerable.Range(1, count).Select(i => new NextHop($"mx{i}.example", new IPEndPoint(IPAddress.Loopback, i)))]));
    }

    /// <summary>Connections whose peers greet and close; null: not even that; empty: they close; "refused": there is none.</summary>
    private sealed class Connector(string?[] greetings) : IOutboundConnector
    {
        public int Tried { get; private set; }

        public Link? Last { get; private set; }

        public Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation)
        {
            var greeting = greetings[Tried++];
            return greeting == "refused"
                ? throw new SocketException((int)SocketError.ConnectionRefused)
                : Task.FromResult<IOutboundLink>(Last = new Link(greeting));
        }
    }

    private sealed class Link : IOutboundLink
    {
        // Whoever says something waits until it was heard.
        private readonly Pipe _in = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        private readonly Pipe _out = new();

        public Link(string? greeting)
        {
            if (greeting is not null)
            {
                _in.Writer.Write(Encoding.ASCII.GetBytes(greeting.Length == 0 ? greeting : greeting + "\r\n"));
                _in.Writer.Complete();
            }
        }

        public PipeReader Input => _in.Reader;

        public async Task SayAsync(string text) => await _in.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));

        public PipeWriter Output => _out.Writer;

        public bool HasArrived => false;

        public Task<TlsFacts> StartTlsAsync(NextHop hop, bool mustVerify, CancellationToken cancellation) =>
            throw new InvalidOperationException("Nothing was offered.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
