using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Does what blocklists want done with a client that they do not refuse: a line in the log, once a connection, or a wait before each mail.</summary>
internal sealed class ListedClient
{
    private readonly InquiryLog _log;
    private readonly TimeSpan _wait;
    private readonly TimeProvider _time;
    private HashSet<MailDomain>? _told;

    /// <param name="log">Gets the lines.</param>
    /// <param name="wait">How long a client is made to wait.</param>
    /// <param name="time">The clock.</param>
    public ListedClient(InquiryLog log, TimeSpan wait, TimeProvider time)
    {
        _log = log;
        _wait = wait;
        _time = time;
    }

    /// <summary>Does it, before MAIL is answered. Several lists are one wait.</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="marks">The lists that have the client.</param>
    public Task TreatAsync(in ClientFacts client, IReadOnlyList<ListMark> marks)
    {
        var waits = false;
        foreach (var mark in marks)
        {
            waits |= mark.Action == DnsBlocklistAction.Tarpit;
            if ((_told ??= []).Add(mark.Zone))
            {
                _log.Listed(client.Address, client.Listener, mark.Rule);
            }
        }

        return waits ? Task.Delay(_wait, _time) : Task.CompletedTask;
    }
}
