using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Policy.Findings;

namespace Relay.Node.Inquiries;

/// <summary>Asks for clients' host names. Thread-safe.</summary>
internal sealed class ClientNames : IDisposable
{
    private readonly SharedLookups<IPAddress, HostNameFinding> _lookups;
    private readonly RelayMetrics _metrics;

    public ClientNames(DnsQuestions dns, InquiryLimits limits, DnsTroubleLog troubles, RelayMetrics metrics, TimeProvider time)
    {
        _metrics = metrics;
        _lookups = new SharedLookups<IPAddress, HostNameFinding>(
            new ClientNameLookup(limits.NamesMax).FindAsync,
            dns,
            HostNameFinding.Trouble,
            (client, cause) => troubles.Add(ReverseName.PointersOf(client), QueryType.PTR, cause),
            limits.NameTime,
            limits.NamePlaces,
            new TroubleMemory<IPAddress>(limits.TroublesMax, limits.TroubleTime, time),
            time);
    }

    /// <summary>Asks for a client's name.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="gone">Cancelled when the name is not wanted any more: it is the client's own name servers that may be slow.</param>
    public async Task<HostNameFinding> AskAsync(IPAddress client, CancellationToken gone)
    {
        var finding = await _lookups.AskAsync(client, ClientKey.OfNetwork(client), null, gone).ConfigureAwait(false);
        if (finding.State == HostNameState.Trouble && !gone.IsCancellationRequested)
        {
            _metrics.InquiryTrouble(InquiryQuestions.ClientName);
        }

        return finding;
    }

    public void Dispose() => _lookups.Dispose();
}
