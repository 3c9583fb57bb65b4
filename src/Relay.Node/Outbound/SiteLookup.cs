using System.Collections.Immutable;
using Relay.Actors.Sites;
using Relay.Messages.Destinations;
using Relay.Node.Dns;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Node.Outbound;

/// <summary>Finds a domain's site: the hosts that its MX records name, else the domain's own host (RFC 5321 section 5.1, RFC 7505).</summary>
internal sealed class SiteLookup : ISiteResolver
{
    /// <summary>Hosts of a site, the best ones. Default 16; more are a mistake or an attack.</summary>
    public const int ExchangersMax = 16;

    /// <summary>A domain is looked up again this long after trouble. Default 1 minute.</summary>
    public static readonly TimeSpan TroubleTime = TimeSpan.FromMinutes(1);

    private static readonly QueryType[] AddressTypes = [QueryType.A, QueryType.AAAA];

    private readonly IQuestions _dns;

    public SiteLookup(IQuestions dns)
    {
        _dns = dns;
    }

    public async Task<SiteMessages.SiteResolved> ResolveAsync(MailDomain domain, TlsLevel tls, CancellationToken cancellation)
    {
        if (domain.Literal is not null)
        {
            return Found(domain, [new MailExchanger(0, domain.Name)], tls, DnsAnswerReader.TtlMax);
        }

        var answer = await _dns.AskAsync(domain.Name, QueryType.MX, cancellation).ConfigureAwait(false);
        return answer.Kind switch
        {
            DnsAnswerKind.Records => OfExchangers(domain, answer, tls),
            DnsAnswerKind.NoRecords => await OfDomainItselfAsync(domain, answer, tls, cancellation).ConfigureAwait(false),
            _ => Failed(domain, answer),
        };
    }

    private static SiteMessages.SiteResolved OfExchangers(MailDomain domain, DnsAnswer answer, TlsLevel tls)
    {
        if (answer.Exchangers.All(static exchanger => exchanger.Host.Length == 0))
        {
            return Failed(domain, LookupFailures.NullMx, answer.ValidFor);
        }

        ImmutableArray<MailExchanger> usable = [.. answer.Exchangers
            .Where(static exchanger => IsHostName(exchanger.Host))
            .OrderBy(static exchanger => exchanger.Preference).ThenBy(static exchanger => exchanger.Host, StringComparer.Ordinal)
            .DistinctBy(static exchanger => exchanger.Host, StringComparer.Ordinal)
            .Take(ExchangersMax)];
        return usable.IsEmpty
            ? Failed(domain, LookupFailures.NoHostName, answer.ValidFor)
            : Found(domain, usable, tls, answer.ValidFor);
    }

    private async Task<SiteMessages.SiteResolved> OfDomainItselfAsync(
        MailDomain domain, DnsAnswer noExchangers, TlsLevel tls, CancellationToken cancellation)
    {
        var failure = noExchangers;
        foreach (var type in AddressTypes) // one after the other, so that a look-up is one question at a time
        {
            var answer = await _dns.AskAsync(domain.Name, type, cancellation).ConfigureAwait(false);
            if (answer.Kind == DnsAnswerKind.Records)
            {
                // As soon as MX records may have come, they count.
                return Found(domain, [new MailExchanger(0, domain.Name)], tls, noExchangers.ValidFor);
            }

            failure = answer.Kind == DnsAnswerKind.Trouble || failure.Kind == DnsAnswerKind.NoRecords ? answer : failure;
        }

        return Failed(domain, failure);
    }

    // An address is no host name, and "localhost" is one everywhere else too.
    private static bool IsHostName(string host) =>
        host != "localhost" && !host.EndsWith(".localhost", StringComparison.Ordinal) && MailDomain.TryParse(host, out var name) && name.Literal is null;

    private static SiteMessages.SiteResolved Failed(MailDomain domain, DnsAnswer answer) => answer.Kind switch
    {
        DnsAnswerKind.Trouble => Failed(domain, LookupFailures.Temporary(answer.Problem!), TroubleTime),
        DnsAnswerKind.NoSuchName => Failed(domain, LookupFailures.NoSuchDomain, answer.ValidFor),
        _ => Failed(domain, LookupFailures.NoAddress, answer.ValidFor),
    };

    private static SiteMessages.SiteResolved Found(MailDomain domain, ImmutableArray<MailExchanger> exchangers, TlsLevel tls, TimeSpan validFor) =>
        new(domain, DestinationKey.ForSite(exchangers, tls), null, AtLeastMin(validFor));

    private static SiteMessages.SiteResolved Failed(MailDomain domain, RecipientOutcome failure, TimeSpan validFor) =>
        new(domain, null, failure, AtLeastMin(validFor));

    // An answer that was kept for a while is nearly over: no reason to be asked again at once.
    private static TimeSpan AtLeastMin(TimeSpan validFor) => validFor > DnsAnswerReader.TtlMin ? validFor : DnsAnswerReader.TtlMin;
}
