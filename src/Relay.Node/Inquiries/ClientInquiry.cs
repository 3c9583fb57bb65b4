using System.Net;
using Relay.Node.Places;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>What was asked about the client of one connection: each question once, however many mails it sends. Not thread-safe.</summary>
internal sealed class ClientInquiry
{
    private readonly Inquirer _inquirer;
    private readonly IPAddress _client;
    private readonly CancellationTokenSource _gone = GiveUpSource.Create();
    private Dictionary<MailDomain, Task<DnsListFinding?>>? _lists;
    private Task<HostNameFinding>? _name;

    public ClientInquiry(Inquirer inquirer, IPAddress client)
    {
        _inquirer = inquirer;
        // DNS knows no scopes.
        _client = client.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && client.ScopeId != 0
            ? new IPAddress(client.GetAddressBytes())
            : client;
    }

    /// <summary>Asks what is wanted of the client and was not asked yet, or had no answer; waits for nothing.</summary>
    public void Begin(Inquiry wanted)
    {
        if (wanted.ClientName)
        {
            _name ??= _inquirer.Names.AskAsync(_client, _gone.Token);
        }

        foreach (var zone in wanted.Lists)
        {
            _lists ??= [];
            if (!_lists.ContainsKey(zone))
            {
                _lists.Add(zone, _inquirer.Lists.AskAsync(zone, _client, _gone.Token));
            }
        }
    }

    /// <summary>The client is gone: what nobody else asks is given up.</summary>
    public void End() => _gone.Cancel();

    /// <summary>Answers what is wanted: all that is not asked yet is asked at once, and each question has its own time.</summary>
    /// <param name="wanted">What the policy wants to know.</param>
    /// <param name="sender">The reverse-path of the mail.</param>
    public ValueTask<MailFindings> FindAsync(Inquiry wanted, MailPath sender) =>
        wanted is { ClientName: false, SenderDomain: false, Lists.Count: 0 }
            ? ValueTask.FromResult(MailFindings.None)
            : new ValueTask<MailFindings>(FindAllAsync(wanted, sender));

    private async Task<MailFindings> FindAllAsync(Inquiry wanted, MailPath sender)
    {
        Begin(wanted);
        var domain = wanted.SenderDomain && sender.Domain is { Literal: null } named ? _inquirer.Senders.AskAsync(named, _client, _gone.Token) : null;
        var lists = new List<DnsListFinding>(wanted.Lists.Count);
        foreach (var zone in wanted.Lists)
        {
            if (await _lists![zone].ConfigureAwait(false) is { } said)
            {
                lists.Add(said);
            }
            else
            {
                _lists.Remove(zone); // for the next mail it is asked again
            }
        }

        return new MailFindings
        {
            ClientName = wanted.ClientName ? await FindNameAsync().ConfigureAwait(false) : HostNameFinding.NotAsked,
            SenderDomain = domain is null ? SenderDomainFinding.NotAsked : await domain.ConfigureAwait(false),
            Lists = lists,
        };
    }

    private async Task<HostNameFinding> FindNameAsync()
    {
        var name = await _name!.ConfigureAwait(false);
        if (name.State == HostNameState.Trouble)
        {
            _name = null; // for the next mail it is asked again
        }

        return name;
    }
}
