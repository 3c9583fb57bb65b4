using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Asks about senders' domains: the clients choose them. Thread-safe.</summary>
internal sealed class SenderDomains : IDisposable
{
    private readonly SharedLookups<MailDomain, SenderDomainFinding> _lookups;
    private readonly RelayMetrics _metrics;

    public SenderDomains(DnsQuestions dns, InquiryLimits limits, DnsTroubleLog troubles, RelayMetrics metrics, TimeProvider time)
    {
        _metrics = metrics;
        _lookups = new SharedLookups<MailDomain, SenderDomainFinding>(
            SenderDomainLookup.FindAsync,
            dns,
            SenderDomainFinding.Trouble,
            (domain, cause) => troubles.Add(domain.Name, QueryType.MX, cause),
            limits.SenderTime,
            limits.SenderPlaces,
            new TroubleMemory<MailDomain>(limits.TroublesMax, limits.TroubleTime, time),
            time);
    }

    /// <summary>Asks about a domain for a client.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="gone">Cancelled when the client does not want to know any more.</param>
    public async Task<SenderDomainFinding> AskAsync(MailDomain domain, IPAddress client, CancellationToken gone)
    {
        var finding = await _lookups.AskAsync(domain, ClientKey.OfNetwork(client), ZoneOf(domain.Name), gone).ConfigureAwait(false);
        if (finding == SenderDomainFinding.Trouble && !gone.IsCancellationRequested)
        {
            _metrics.InquiryTrouble(InquiryQuestions.SenderDomain);
        }

        return finding;
    }

    public void Dispose() => _lookups.Dispose();

    /// <summary>The last two labels of a name that has more: whoever holds them can make up any number of names below.</summary>
    internal static string? ZoneOf(string name) =>
        name.LastIndexOf('.') is var top and > 0 && name.LastIndexOf('.', top - 1) is var second and > 0 ? name[(second + 1)..] : null;
}
