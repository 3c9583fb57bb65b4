using Relay.Actors.Policy;
using Relay.Node.Dns;
using Relay.Node.Settings;

namespace Relay.Node.Outbound;

/// <summary>Where mail goes: everything that a node looks up for it, put together.</summary>
internal sealed class OutboundLookups : IDisposable
{
    private readonly DnsQuestions _dns;

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
        _dns = new DnsQuestions(NameServers.Of(settings.Dns, DnsQuestions.ServerTime, DnsQuestions.RepetitionsMax, time, troubles), troubles, time);
        Sites = new SiteLookup(_dns);
        NextHops = new NextHopLookup(_dns, self, policy, port, time);
    }

    /// <summary>Finds the sites of domains.</summary>
    public SiteLookup Sites { get; }

    /// <summary>Finds the addresses of sites.</summary>
    public NextHopLookup NextHops { get; }

    public void Dispose() => _dns.Dispose();
}
