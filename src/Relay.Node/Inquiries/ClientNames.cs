using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Policy.Findings;

namespace Relay.Node.Inquiries;

/// <summary>Asks for clients' host names. Thread-safe.</summary>
internal sealed class ClientNames
{
    private readonly SharedLookups<IPAddress, HostNameFinding> _lookups;
    private readonly RelayMetrics _metrics;

    public ClientNames(
        DnsQuestions dns, InquiryLimits limits, LookupPlaces places, DnsTroubleLog troubles, RelayMetrics metrics, TimeProvider time)
    {
        _metrics = metrics;
        _lookups = new SharedLookups<IPAddress, HostNameFinding>(
            new ClientNameLookup(dns, limits.NamesMax).FindAsync,
            HostNameFinding.Trouble,
            (client, cause) => troubles.Add(ReverseName.PointersOf(client), QueryType.PTR, cause),
            limits.NameTime,
            places,
            time);
    }

    /// <summary>Asks for a client's name.</summary>
    public async Task<HostNameFinding> AskAsync(IPAddress client)
    {
        var finding = await _lookups.AskAsync(client).ConfigureAwait(false);
        if (finding.State == HostNameState.Trouble)
        {
            _metrics.InquiryTrouble(InquiryQuestions.ClientName);
        }

        return finding;
    }
}
