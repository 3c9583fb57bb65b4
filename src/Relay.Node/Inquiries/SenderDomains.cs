using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Node.Outbound;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Asks about senders' domains, for each client network only so many at once: the domains are the clients' choice. Thread-safe.</summary>
internal sealed class SenderDomains
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClientKey, int> _running = [];
    private readonly SharedLookups<MailDomain, SenderDomainFinding> _lookups;
    private readonly InquiryLimits _limits;
    private readonly RelayMetrics _metrics;

    public SenderDomains(
        DnsQuestions dns, InquiryLimits limits, LookupPlaces places, DnsTroubleLog troubles, RelayMetrics metrics, TimeProvider time)
    {
        _limits = limits;
        _metrics = metrics;
        var lookup = new SenderDomainLookup(new SiteLookup(dns));
        _lookups = new SharedLookups<MailDomain, SenderDomainFinding>(
            lookup.FindAsync,
            SenderDomainFinding.Trouble,
            (domain, cause) => troubles.Add(domain.Name, QueryType.MX, cause),
            limits.SenderTime,
            places,
            time);
    }

    /// <summary>Asks about a domain for a client.</summary>
    public async Task<SenderDomainFinding> AskAsync(MailDomain domain, IPAddress client)
    {
        var finding = SenderDomainFinding.Trouble;
        var network = ClientKey.OfNetwork(client);
        if (TryEnter(network))
        {
            try
            {
                finding = await _lookups.AskAsync(domain).ConfigureAwait(false);
            }
            finally
            {
                Leave(network);
            }
        }

        if (finding == SenderDomainFinding.Trouble)
        {
            _metrics.InquiryTrouble(InquiryQuestions.SenderDomain);
        }

        return finding;
    }

    private bool TryEnter(ClientKey network)
    {
        lock (_lock)
        {
            var running = _running.GetValueOrDefault(network);
            if (running >= _limits.SendersPerNetworkMax)
            {
                return false;
            }

            _running[network] = running + 1;
            return true;
        }
    }

    private void Leave(ClientKey network)
    {
        lock (_lock)
        {
            var running = _running[network] - 1;
            if (running == 0)
            {
                _running.Remove(network);
            }
            else
            {
                _running[network] = running;
            }
        }
    }
}
