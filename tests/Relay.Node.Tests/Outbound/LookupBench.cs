using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Node.Dns;
using Relay.Node.Outbound;
using Relay.Node.Tests.Cluster;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Outbound;

/// <summary>A stub name server and everything that asks it, on a clock that stands still.</summary>
internal sealed class LookupBench : IAsyncDisposable
{
    public const int Port = 2500;

    /// <summary>The name server is waited for this long, by the clock that stands still.</summary>
    public static readonly TimeSpan ServerTime = TimeSpan.FromSeconds(4);

    public LookupBench(string hostName = "mx.self.example", string[]? listeners = null, string[]? nextHopNetworks = null, string[]? machine = null, string[]? cluster = null,
        TimeSpan? serverTime = null)
    {
        Questions = new DnsQuestions(new NameServers([Dns.EndPoint], serverTime ?? ServerTime, 0, Time), new DnsTroubleLog(Log, Time), Time, OutboundLookups.SiteQuestionsMax);
        Sites = new SiteLookup(Questions);
        Hops = new NextHopLookup(
            Questions.Beside(NextHopLookup.QuestionsMax),
            new OwnHost(
                hostName,
                (listeners ?? []).Select(IPEndPoint.Parse),
                (cluster ?? []).Select(IPEndPoint.Parse),
                Port,
                () => [.. (machine ?? []).Select(IPAddress.Parse)],
                Time),
            new PolicyAgent(PolicyOf(nextHopNetworks ?? [])),
            new MailExchangerPort(Port),
            Time);
    }

    public StubNameServer Dns { get; } = StubNameServer.Start();

    public FakeTimeProvider Time { get; } = new();

    public CapturedLog Log { get; } = new();

    public DnsQuestions Questions { get; }

    public SiteLookup Sites { get; }

    public NextHopLookup Hops { get; }

    public Task<SiteMessages.SiteResolved> SiteAsync(string domain) => Sites.ResolveAsync(Domain(domain), TlsLevel.May, CancellationToken.None);

    /// <summary>The address look-up of a site, each host as <c>preference host</c>.</summary>
    public Task<NextHopResolution> HopsAsync(params string[] hosts) => HopsOfAsync("a@b.example", hosts);

    /// <summary>As <see cref="HopsAsync"/>, for somebody's mail.</summary>
    public Task<NextHopResolution> HopsOfAsync(string flow, params string[] hosts) => Hops.ResolveAsync(
        DestinationKey.ForSite(hosts.Select(text => new MailExchanger(int.Parse(text.Split(' ')[0]), text.Split(' ')[1]))), [flow], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

    public static MailDomain Domain(string text)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        return domain;
    }

    public async ValueTask DisposeAsync()
    {
        Hops.Dispose();
        Questions.Dispose();
        Log.Dispose();
        await Dns.DisposeAsync();
    }

    private static PolicySnapshot PolicyOf(string[] nextHopNetworks)
    {
        var text = $$"""{ "delivery": { "nextHopNetworks": [{{string.Join(',', nextHopNetworks.Select(network => $"\"{network}\""))}}] } }""";
        var parsed = PolicyParser.Parse(Encoding.UTF8.GetBytes(text));
        return PolicySnapshot.Compile(parsed.Document!, 1);
    }
}
