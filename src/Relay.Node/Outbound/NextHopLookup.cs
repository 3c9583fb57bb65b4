using System.Net;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Node.Dns;
using Relay.Node.Places;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Node.Outbound;

/// <summary>Finds the addresses to connect to: those of a route's host, or those of a site's hosts in their order (RFC 5321 section 5.1).</summary>
/// <remarks>Hosts of sites are looked up by turns: whoever's mail goes to hosts that no name server tells of takes his share of the look-ups, not everyone's.</remarks>
internal sealed class NextHopLookup : INextHopResolver, IDisposable
{
    /// <summary>Addresses tried for one connection. Default 16.</summary>
    public const int AddressesMax = 16;

    /// <summary>Addresses of one host among them. Default 8: hosts with many must not hide the others.</summary>
    public const int HostAddressesMax = 8;

    /// <summary>Hosts of a site whose addresses are asked for at once. Default 2.</summary>
    public const int HostsAtOnce = 2;

    /// <summary>Sites whose hosts are asked for at once; the others wait, and whose mail has the fewest on is next. Default 12.</summary>
    public const int LookupsMax = 12;

    /// <summary>Of them for the mail of one sender, and for all mail without one. Default 6.</summary>
    public const int LookupsPerFlowMax = 6;

    /// <summary>Sites that wait; over it whoever has the most of them loses the last one, whose mail is deferred. Default 4,000.</summary>
    public const int WaitingMax = 4_000;

    /// <summary>Questions at once. Default 48: those of all look-ups that are on, so that none of them waits for another. Each is an open file.</summary>
    public const int QuestionsMax = LookupsMax * HostsAtOnce * 2;

    /// <summary>Questions at once about hosts that routes name. Default 8: an administrator has named them, so that they need no turn.</summary>
    public const int RouteQuestionsMax = 8;

    /// <summary>Hosts whose addresses are not known after this, the wait for a turn included, are left out. Default 30 seconds.</summary>
    public static readonly TimeSpan LookupTime = TimeSpan.FromSeconds(30);

    /// <summary>A look-up that has its turn for longer gives it to somebody who has fewer, when there is no other. Default 5 seconds: more than one name
    /// server is waited for.</summary>
    public static readonly TimeSpan YieldTime = TimeSpan.FromSeconds(5);

    private readonly DnsQuestions _dns;
    private readonly DnsQuestions _ofRoutes;
    private readonly OwnHost _self;
    private readonly PolicyAgent _policy;
    private readonly MailExchangerPort _port;
    private readonly TimeProvider _time;
    private readonly FairPlaces<string> _places;

    public NextHopLookup(
        DnsQuestions dns, OwnHost self, PolicyAgent policy, MailExchangerPort port, TimeProvider time)
    {
        _dns = dns;
        _ofRoutes = dns.Beside(RouteQuestionsMax);
        _self = self;
        _policy = policy;
        _port = port;
        _time = time;
        _places = new FairPlaces<string>(new PlaceLimits(LookupsMax, LookupsPerFlowMax, LookupsMax, WaitingMax, YieldTime), time);
    }

    public void Dispose()
    {
        _places.Dispose();
        _ofRoutes.Dispose();
    }

    public async Task<NextHopResolution> ResolveAsync(DestinationKey destination, IReadOnlyCollection<string> flows, CancellationToken cancellation)
    {
        return destination.Route is { } route
            ? await ResolveRouteAsync(route, cancellation).ConfigureAwait(false)
            : await ResolveSiteAsync(destination, flows, cancellation).ConfigureAwait(false);
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

        var host = await FindAsync(new MailExchanger(0, route.Host), _ofRoutes, cancellation).ConfigureAwait(false);
        // A route is an administrator's word: a name that is not there yet is trouble of ours, not of the sender's.
        return host.Addresses.Count > 0
            ? Found(route.Port, host)
            : NextHopResolution.Failed(LookupFailures.Temporary(host.Problem ?? $"The route's host {route.Host} has no address"));
    }

    private async Task<NextHopResolution> ResolveSiteAsync(DestinationKey site, IReadOnlyCollection<string> flows, CancellationToken cancellation)
    {
        var hosts = await FindAllAsync(site, flows, cancellation).ConfigureAwait(false);
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

    private async Task<HostAddresses[]> FindAllAsync(DestinationKey site, IReadOnlyCollection<string> flows, CancellationToken cancellation)
    {
        var claim = new PlaceClaim<string>([.. flows.Take(LookupsMax)], zone: null);
        var questions = new LookupQuestions<string>(_dns, _places, claim);
        using var limit = new CancellationTokenSource(LookupTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, claim.Yielded, cancellation);
        using var places = new SemaphoreSlim(HostsAtOnce);
        try
        {
            return await Task.WhenAll(site.Exchangers.Select(FindInTurnAsync)).ConfigureAwait(false);
        }
        finally
        {
            _places.Leave(claim);
        }

        async Task<HostAddresses> FindInTurnAsync(MailExchanger exchanger)
        {
            try
            {
                await places.WaitAsync(either.Token).ConfigureAwait(false);
                try
                {
                    return await FindAsync(exchanger, questions, either.Token).ConfigureAwait(false);
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

    private static async Task<HostAddresses> FindAsync(MailExchanger exchanger, IQuestions dns, CancellationToken cancellation)
    {
        if (exchanger.Host.StartsWith('[') && MailDomain.TryParse(exchanger.Host, out var domain))
        {
            return new HostAddresses(exchanger.Preference, exchanger.Host, [domain.Literal!], null);
        }

        var answers = await Task.WhenAll(
            dns.AskAsync(exchanger.Host, QueryType.AAAA, cancellation), dns.AskAsync(exchanger.Host, QueryType.A, cancellation)).ConfigureAwait(false);
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
