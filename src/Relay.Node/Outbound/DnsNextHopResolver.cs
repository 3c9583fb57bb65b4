using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Relay.Actors.Deliveries;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Outbound;

/// <summary>Finds next hops: a route's own host, else by MX (RFC 5321 section 5.1, RFC 7505). Temporary trouble stays temporary.</summary>
internal sealed class DnsNextHopResolver : INextHopResolver
{
    /// <summary>Mail exchangers of a domain that are looked at; more are a mistake or an attack.</summary>
    public const int ExchangersMax = 16;

    /// <summary>Addresses tried for one destination.</summary>
    public const int AddressesMax = 16;

    /// <summary>The port of mail exchangers.</summary>
    public const int SmtpPort = 25;

    private static readonly SmtpReply NullMx = new(556, new(5, 1, 10), "The domain accepts no mail (null MX)");
    private static readonly SmtpReply NoSuchDomain = new(550, new(5, 1, 2), "The domain does not exist");
    private static readonly SmtpReply NoAddress = new(550, new(5, 4, 4), "The domain has neither mail exchangers nor an address");
    private static readonly SmtpReply Forbidden = new(550, new(5, 4, 4), "The domain's mail exchangers lie in networks that are not connected to");
    private static readonly SmtpReply DnsTrouble = new(451, new(4, 4, 3), "The domain's name servers do not answer");

    private readonly ILookupClient _dns;
    private readonly PolicyAgent _policy;

    public DnsNextHopResolver(ILookupClient dns, PolicyAgent policy)
    {
        _dns = dns;
        _policy = policy;
    }

    public async Task<NextHopResolution> ResolveAsync(DestinationKey destination, CancellationToken cancellation)
    {
        try
        {
            return destination.Route is { } route
                ? await ResolveRouteAsync(route.Host, route.Port, cancellation).ConfigureAwait(false)
                : await ResolveDomainAsync(destination.Domain!, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The library has an exception of its own for each way in which an answer cannot be read, and none for all of them.
            return Temporary();
        }
    }

    // A route names its host: no question of MX, and no question of where it lies.
    private async Task<NextHopResolution> ResolveRouteAsync(string host, int port, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return NextHopResolution.Found([new NextHop(host, new IPEndPoint(literal, port))]);
        }

        if (string.Equals(host, "localhost", StringComparison.Ordinal))
        {
            return NextHopResolution.Found(
                [new NextHop(host, new IPEndPoint(IPAddress.Loopback, port)), new NextHop(host, new IPEndPoint(IPAddress.IPv6Loopback, port))]);
        }

        var found = new List<NextHop>();
        await AddAddressesAsync(host, port, found, cancellation).ConfigureAwait(false);
        // A route is an administrator's word: a name that is not there yet is trouble of ours, not of the sender's.
        return found.Count == 0 ? Temporary() : NextHopResolution.Found([.. found]);
    }

    private async Task<NextHopResolution> ResolveDomainAsync(MailDomain domain, CancellationToken cancellation)
    {
        if (domain.Literal is { } literal)
        {
            return _policy.Current.MayConnectTo(literal)
                ? NextHopResolution.Found([new NextHop(domain.Name, new IPEndPoint(literal, SmtpPort))])
                : Permanent(Forbidden);
        }

        var answer = await _dns.QueryAsync(domain.Name, QueryType.MX, cancellationToken: cancellation).ConfigureAwait(false);
        if (answer.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain)
        {
            return Permanent(NoSuchDomain);
        }

        if (answer.HasError)
        {
            return Temporary();
        }

        var exchangers = Order([.. answer.Answers.MxRecords()]);
        if (exchangers.Length == 1 && exchangers[0].Exchange.Value == ".")
        {
            return Permanent(NullMx);
        }

        return await ResolveHostsAsync(domain, exchangers, cancellation).ConfigureAwait(false);
    }

    private async Task<NextHopResolution> ResolveHostsAsync(
        MailDomain domain, MxRecord[] exchangers, CancellationToken cancellation)
    {
        var found = new List<NextHop>();
        var hadTrouble = false;
        if (exchangers.Length == 0)
        {
            hadTrouble = !await AddAddressesAsync(domain.Name, SmtpPort, found, cancellation).ConfigureAwait(false);
        }

        foreach (var exchanger in exchangers)
        {
            var host = exchanger.Exchange.Value.TrimEnd('.');
            hadTrouble |= host.Length > 0 && !await AddAddressesAsync(host, SmtpPort, found, cancellation).ConfigureAwait(false);
        }

        var allowed = found.FindAll(hop => _policy.Current.MayConnectTo(hop.EndPoint.Address));
        if (allowed.Count > 0)
        {
            return NextHopResolution.Found([.. allowed.Take(AddressesMax)]);
        }

        return hadTrouble ? Temporary() : Permanent(found.Count > 0 ? Forbidden : NoAddress);
    }

    /// <summary>Adds a host's addresses.</summary>
    /// <returns>False when a name server did not answer, so that there may be more.</returns>
    private async Task<bool> AddAddressesAsync(string host, int port, List<NextHop> found, CancellationToken cancellation)
    {
        var answered = true;
        foreach (var type in new[] { QueryType.A, QueryType.AAAA })
        {
            var answer = await _dns.QueryAsync(host, type, cancellationToken: cancellation).ConfigureAwait(false);
            answered &= !answer.HasError || answer.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain;
            foreach (var record in answer.Answers.AddressRecords())
            {
                if (Socket.OSSupportsIPv6 || record.Address.AddressFamily == AddressFamily.InterNetwork)
                {
                    found.Add(new NextHop(host, new IPEndPoint(record.Address, port)));
                }
            }
        }

        return answered;
    }

    /// <summary>By preference, equal ones shuffled (RFC 5321 section 5.1), capped.</summary>
    private static MxRecord[] Order(MxRecord[] records)
    {
        Random.Shared.Shuffle(records);
        return [.. records.OrderBy(static record => record.Preference).Take(ExchangersMax)];
    }

    private static NextHopResolution Temporary() =>
        NextHopResolution.Failed(new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, DnsTrouble));

    private static NextHopResolution Permanent(SmtpReply reply) =>
        NextHopResolution.Failed(new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Connect, reply));
}
