using System.Net;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Node.Dns;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Node.Outbound;

/// <summary>Finds the addresses to connect to: those of a route's host, or those of a site's hosts in their order (RFC 5321 section 5.1).</summary>
internal sealed class NextHopLookup : INextHopResolver
{
    /// <summary>Addresses tried for one connection. Default 16.</summary>
    public const int AddressesMax = 16;

    /// <summary>Addresses of one host among them. Default 8: hosts with many must not hide the others.</summary>
    public const int HostAddressesMax = 8;

    /// <summary>Hosts of a site whose addresses are asked for at once. Default 4.</summary>
    public const int HostsAtOnce = 4;

    /// <summary>Hosts whose addresses are not known after this are left out. Default 30 seconds.</summary>
    public static readonly TimeSpan LookupTime = TimeSpan.FromSeconds(30);

    private readonly DnsQuestions _dns;
    private readonly OwnHost _self;
    private readonly PolicyAgent _policy;
    private readonly MailExchangerPort _port;
    private readonly TimeProvider _time;

    public NextHopLookup(
        DnsQuestions dns, OwnHost self, PolicyAgent policy, MailExchangerPort port, TimeProvider time)
    {
        _dns = dns;
        _self = self;
        _policy = policy;
        _port = port;
        _time = time;
    }

    public async Task<NextHopResolution> ResolveAsync(DestinationKey destination, CancellationToken cancellation)
    {
        return destination.Route is { } route
            ? await ResolveRouteAsync(route, cancellation).ConfigureAwait(false)
            : await ResolveSiteAsync(destination, cancellation).ConfigureAwait(false);
    }

    // A route names its host: no question of MX, and no question of where it lies.
    private async Task<NextHopResolution> ResolveRouteAsync(RouteTarget route, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(route.Host, out var literal))
        {
            return NextHopResolution.Found([new NextHop(route.Host, new IPEndPoint(literal, route.Port))]);
        }

        if (string.Equals(route.Host, "localhost", StringComparison.Ordinal))
        {
            return Found(route.Port, new HostAddresses(0, route.Host, [IPAddress.Loopback, IPAddress.IPv6Loopback], null));
        }

        var host = await FindAsync(new MailExchanger(0, route.Host), cancellation).ConfigureAwait(false);
        // A route is an administrator's word: a name that is not there yet is trouble of ours, not of the sender's.
        return host.Addresses.Count > 0
            ? Found(route.Port, host)
            : NextHopResolution.Failed(LookupFailures.Temporary(host.Problem ?? $"The route's host {route.Host} has no address"));
    }

    private async Task<NextHopResolution> ResolveSiteAsync(DestinationKey site, CancellationToken cancellation)
    {
        var hosts = await FindAllAsync(site, cancellation).ConfigureAwait(false);
        var better = BetterThanUs(hosts);
        var problem = better.Find(static host => host.Problem is not null)?.Problem;
        var allowed = better.ConvertAll(host => host with { Addresses = host.Addresses.FindAll(_policy.Current.MayConnectTo) });
        if (allowed.Exists(static host => host.Addresses.Count > 0))
        {
            return Found(_port.Number, [.. allowed]);
        }

        if (problem is not null)
        {
            return NextHopResolution.Failed(LookupFailures.Temporary(problem));
        }

        var isForbidden = better.Exists(static host => host.Addresses.Count > 0);
        return NextHopResolution.Failed(
            isForbidden ? LookupFailures.Forbidden
            : better.Count < hosts.Length ? LookupFailures.Loop
            : LookupFailures.NoHostAddress);
    }

    private async Task<HostAddresses[]> FindAllAsync(DestinationKey site, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LookupTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var places = new SemaphoreSlim(HostsAtOnce);
        return await Task.WhenAll(site.Exchangers.Select(FindInTurnAsync)).ConfigureAwait(false);

        async Task<HostAddresses> FindInTurnAsync(MailExchanger exchanger)
        {
            try
            {
                await places.WaitAsync(either.Token).ConfigureAwait(false);
                try
                {
                    return await FindAsync(exchanger, either.Token).ConfigureAwait(false);
                }
                finally
                {
                    places.Release();
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return new HostAddresses(exchanger.Preference, exchanger.Host, [], $"DNS look-up of {exchanger.Host} takes too long");
            }
        }
    }

    private async Task<HostAddresses> FindAsync(MailExchanger exchanger, CancellationToken cancellation)
    {
        if (exchanger.Host.StartsWith('[') && MailDomain.TryParse(exchanger.Host, out var domain))
        {
            return new HostAddresses(exchanger.Preference, exchanger.Host, [domain.Literal!], null);
        }

        var answers = await Task.WhenAll(
            _dns.AskAsync(exchanger.Host, QueryType.AAAA, cancellation), _dns.AskAsync(exchanger.Host, QueryType.A, cancellation)).ConfigureAwait(false);
        return new HostAddresses(
            exchanger.Preference,
            exchanger.Host,
            HostAddresses.Mix(answers[0].Addresses, answers[1].Addresses),
            Array.Find(answers, static answer => answer.Kind == DnsAnswerKind.Trouble)?.Problem);
    }

    /// <summary>Without this node, and without those that are no better: mail that went there might come back for ever.</summary>
    private List<HostAddresses> BetterThanUs(HostAddresses[] hosts)
    {
        var ours = hosts
            .Where(host => _self.IsUs(host.Host) || host.Addresses.Exists(_self.IsUs))
            .Select(static host => (int?)host.Preference)
            .Min();
        return [.. hosts.Where(host => ours is null || host.Preference < ours)];
    }

    /// <summary>By preference, equal ones in an order that is another each time.</summary>
    private static NextHopResolution Found(int port, params HostAddresses[] hosts)
    {
        Random.Shared.Shuffle(hosts);
        return NextHopResolution.Found([.. hosts
            .OrderBy(static host => host.Preference)
            .SelectMany(static host => host.Addresses.Take(HostAddressesMax).Select(address => (host.Host, address)))
            .Take(AddressesMax)
            .Select(hop => new NextHop(hop.Host, new IPEndPoint(hop.address, port)))]);
    }
}
