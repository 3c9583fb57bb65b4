using System.Net;
using System.Net.Sockets;
using Relay.Node.Dns;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Finds a client's host name, and believes it only when the name leads back to the client's address.</summary>
internal sealed class ClientNameLookup
{
    private readonly int _namesMax;

    public ClientNameLookup(int namesMax)
    {
        _namesMax = namesMax;
    }

    /// <summary>Looks for a name. Of several that lead back the first by the alphabet counts, so that every node finds the same.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<HostNameFinding> FindAsync(IPAddress client, IQuestions questions, CancellationToken cancellation)
    {
        var pointers = await questions.AskAsync(ReverseName.PointersOf(client), QueryType.PTR, cancellation).ConfigureAwait(false);
        if (pointers.Kind != DnsAnswerKind.Records)
        {
            return pointers.Kind == DnsAnswerKind.Trouble ? HostNameFinding.Trouble : HostNameFinding.None;
        }

        MailDomain[] names = [.. pointers.Names
            .Select(static name => MailDomain.TryParse(name, out var domain) && domain.Literal is null ? domain : null)
            .OfType<MailDomain>()
            .Distinct()
            .OrderBy(static name => name.Name, StringComparer.Ordinal)
            .Take(_namesMax)];
        var type = client.AddressFamily == AddressFamily.InterNetwork ? QueryType.A : QueryType.AAAA;
        var answers = await Task.WhenAll(names.Select(name => questions.AskAsync(name.Name, type, cancellation))).ConfigureAwait(false);
        var proven = Array.FindIndex(answers, answer => answer.Addresses.Contains(client));
        return proven >= 0 ? new HostNameFinding(HostNameState.Proven, names[proven])
            : Array.Exists(answers, static answer => answer.Kind == DnsAnswerKind.Trouble) ? HostNameFinding.Trouble
            : HostNameFinding.None;
    }
}
