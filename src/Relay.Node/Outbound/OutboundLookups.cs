using Relay.Actors.Policy;
using Relay.Actors.Sites;
using Relay.Node.Dns;
using Relay.Node.Settings;

namespace Relay.Node.Outbound;

/// <summary>Where mail goes: everything that a node looks up for it, put together.</summary>
internal sealed class OutboundLookups : IDisposable
{
    /// <summary>Questions at once about mail exchangers. Default 80: one for each look-up of <see cref="SiteLimits"/>. Each is an open file.</summary>
    public const int SiteQuestionsMax = 80;

    /// <summary>Questions at once about the mail exchangers of domains whose recipients are asked for. Default 16.</summary>
    public const int CalloutQuestionsMax = 16;

    private readonly DnsQuestions _ofSites;
    private readonly DnsQuestions _ofCallouts;
    private readonly DnsQuestions _ofHosts;

    /// <summary>Asks the name servers of the settings.</summary>
    public OutboundLookups(NodeSettings settings, PolicyAgent policy, MailExchangerPort port, ILoggerFactory loggers, TimeProvider time)
    {
        var troubles = new DnsTroubleLog(loggers.CreateLogger<DnsTroubleLog>(), time);
        var self = new OwnHost(
            settings.Node.HostName,
            [.. settings.Listeners.Select(static listener => listener.Address), settings.Admin.Address, settings.Cluster.Address],
            [settings.Cluster.Address, .. settings.Cluster.Seeds],
            port.Number,
            OwnHost.ReadMachine,
            time);
        var servers = NameServers.Of(settings.Dns, DnsQuestions.ServerTime, DnsQuestions.RepetitionsMax, time, troubles);
        _ofSites = new DnsQuestions(servers, troubles, time, SiteQuestionsMax);
        _ofCallouts = _ofSites.Beside(CalloutQuestionsMax);
        _ofHosts = _ofSites.Beside(NextHopLookup.QuestionsMax);
        Sites = new SiteLookup(_ofSites);
        CalloutSites = new SiteLookup(_ofCallouts);
        NextHops = new NextHopLookup(_ofHosts, self, policy, port, time);
    }

    /// <summary>Finds the sites of domains.</summary>
    public SiteLookup Sites { get; }

    /// <summary>Finds the sites of domains whose recipients are asked for, and waits for no delivery.</summary>
    public SiteLookup CalloutSites { get; }

    /// <summary>Finds the addresses of sites.</summary>
    public NextHopLookup NextHops { get; }

    public void Dispose()
    {
        NextHops.Dispose();
        _ofHosts.Dispose();
        _ofCallouts.Dispose();
        _ofSites.Dispose();
    }
}
