using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Policy;
using Relay.Actors.Sites;
using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Actors.Tests.Sites;

public sealed class SitesActorSpecs : ActorSpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();
    private readonly HeldResolver _resolver = new();

    [Fact]
    public async Task Everyone_who_asks_the_same_is_answered_by_one_look_up()
    {
        var sites = Make();
        TestProbe[] askers = [CreateTestProbe(), CreateTestProbe()];
        sites.Tell(Ask("one.example"), askers[0]);
        sites.Tell(Ask("one.example"), askers[1]);
        sites.Tell(Ask("one.example"), askers[1]);
        (await _resolver.NextAsync("one.example")).Find();
        Assert.Equal("mx.one.example", (await askers[0].ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Site!.Name);
        await askers[1].ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        await askers[1].ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        Assert.Equal(1, _resolver.Calls);

        // What is known is not kept here: the next question is a look-up.
        sites.Tell(Ask("one.example"), askers[0]);
        (await _resolver.NextAsync("one.example")).Find();
        await askers[0].ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        await askers[1].ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task So_many_are_looked_up_at_once_and_the_others_in_their_order()
    {
        var sites = Make(new SiteLimits { LookupsMax = 2 });
        foreach (var name in new[] { "a.example", "b.example", "c.example", "d.example" })
        {
            sites.Tell(Ask(name), TestActor);
        }

        var a = await _resolver.NextAsync("a.example");
        var b = await _resolver.NextAsync("b.example");
        Assert.Equal(2, _resolver.Calls);
        b.Find();
        Assert.Equal("b.example", (await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Domain.Name);
        (await _resolver.NextAsync("c.example")).Find();
        await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        (await _resolver.NextAsync("d.example")).Find();
        await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        a.Find();
        Assert.Equal("a.example", (await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Domain.Name);
    }

    [Fact]
    public async Task A_look_up_that_takes_too_long_is_answered_for_and_gives_its_place_to_the_next()
    {
        var sites = Make(new SiteLimits { LookupsMax = 1 });
        sites.Tell(Ask("slow.example"), TestActor);
        sites.Tell(Ask("quick.example"), TestActor);
        await _resolver.NextAsync("slow.example"); // it does not heed its end either
        _time.Advance(new SiteLimits().LookupTime);
        var slow = await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        Assert.Equal("slow.example", slow.Domain.Name);
        Assert.Equal(OutcomeKind.Deferred, slow.Failure!.Kind);
        Assert.StartsWith("451 4.4.3", slow.Failure.Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(1), slow.ValidFor);
        (await _resolver.NextAsync("quick.example")).Find();
        Assert.Equal("quick.example", (await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Domain.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_defect_of_ours_is_an_answer_and_a_line_of_the_log(bool atOnce)
    {
        _resolver.ThrowsAtOnce = atOnce;
        var sites = Make();
        await EventFilter.Exception<FormatException>(contains: "bad.example").ExpectOneAsync(Patience, async () =>
        {
            sites.Tell(Ask("bad.example"), TestActor);
            if (!atOnce)
            {
                (await _resolver.NextAsync("bad.example")).Break();
            }
        });
        var answer = await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        Assert.Equal(OutcomeKind.Deferred, answer.Failure!.Kind);
        Assert.StartsWith("451 4.3.0", answer.Failure.Reply.ToString(), StringComparison.Ordinal);
        Assert.Null(answer.Site);

        _resolver.ThrowsAtOnce = false;
        sites.Tell(Ask("bad.example"), TestActor);
        (await _resolver.NextAsync("bad.example")).Find();
        Assert.NotNull((await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Site);
    }

    [Fact]
    public async Task Domains_over_the_limit_are_deferred_at_once()
    {
        var sites = Make(new SiteLimits { LookupsMax = 1, WaitingMax = 1 });
        sites.Tell(Ask("a.example"), TestActor);
        sites.Tell(Ask("b.example"), TestActor);
        sites.Tell(Ask("c.example"), TestActor);
        sites.Tell(Ask("b.example"), TestActor); // waits already
        var refused = await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        Assert.Equal("c.example", refused.Domain.Name);
        Assert.Equal(OutcomeKind.Deferred, refused.Failure!.Kind);
        (await _resolver.NextAsync("a.example")).Find();
        (await _resolver.NextAsync("b.example")).Find();
        var rest = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            rest.Add((await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Domain.Name);
        }

        Assert.Equal(["a.example", "b.example", "b.example"], rest);
    }

    [Fact]
    public async Task One_senders_silent_domains_and_reports_to_strangers_leave_look_ups_to_the_others()
    {
        var sites = Make(new SiteLimits { LookupsMax = 3, LookupsPerSenderMax = 2, LaterLookupsMax = 1 });
        for (var i = 0; i < 5; i++)
        {
            sites.Tell(Ask($"silent{i}.example", "careless"), TestActor);
            sites.Tell(Ask($"stranger{i}.example", "", mayWait: true), TestActor);
        }

        sites.Tell(Ask("good.example", "careful"), TestActor);
        (await _resolver.NextAsync("good.example")).Find();
        Assert.Equal("good.example", (await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience)).Domain.Name);
        var silent = await _resolver.NextAsync("silent0.example");
        await _resolver.NextAsync("silent1.example");
        var stranger = await _resolver.NextAsync("stranger0.example");
        Assert.Equal(4, _resolver.Calls);

        // Mail that may not wait takes the domain of a report along.
        sites.Tell(Ask("stranger4.example", "careful"), TestActor);
        (await _resolver.NextAsync("stranger4.example")).Find();
        await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        await ExpectMsgAsync<SiteMessages.SiteResolved>(Patience);
        silent.Find();
        stranger.Find();
        await _resolver.NextAsync("silent2.example");
        await _resolver.NextAsync("stranger1.example");
        Assert.Equal(7, _resolver.Calls);
    }

    private static SiteMessages.ResolveSite Ask(string domain, string sender = "sender", bool mayWait = false) => new(Domain(domain), sender, mayWait);

    private static MailDomain Domain(string text) => MailDomain.TryParse(text, out var domain) ? domain : throw new ArgumentException(text);

    private IActorRef Make(SiteLimits? limits = null) => Sys.ActorOf(SitesActor.PropsFor(
        _resolver, new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)), limits ?? new SiteLimits(), _time));

    /// <summary>Holds each look-up until the test says what comes of it.</summary>
    private sealed class HeldResolver : ISiteResolver
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<Held>> _begun = new();
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public bool ThrowsAtOnce { get; set; }

        public Task<SiteMessages.SiteResolved> ResolveAsync(MailDomain domain, TlsLevel tls, CancellationToken cancellation)
        {
            if (ThrowsAtOnce)
            {
                throw new FormatException("a defect");
            }

            Interlocked.Increment(ref _calls);
            var held = new Held(domain);
            Begun(domain.Name).SetResult(held);
            return held.Answer;
        }

        public async Task<Held> NextAsync(string name)
        {
            var held = await Begun(name).Task.WaitAsync(Patience);
            _begun.TryRemove(name, out _);
            return held;
        }

        private TaskCompletionSource<Held> Begun(string name) =>
            _begun.GetOrAdd(name, static _ => new TaskCompletionSource<Held>(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    private sealed class Held(MailDomain domain)
    {
        private readonly TaskCompletionSource<SiteMessages.SiteResolved> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SiteMessages.SiteResolved> Answer => _answer.Task;

        public void Find() => _answer.SetResult(new SiteMessages.SiteResolved(
            domain, DestinationKey.ForSite([new MailExchanger(10, "mx." + domain.Name)]), null, TimeSpan.FromMinutes(10)));

        public void Break() => _answer.SetException(new FormatException("a defect"));
    }
}
