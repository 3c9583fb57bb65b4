using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>What one connection's mails wait for before MAIL is answered: the answers that the policy wants, and what its lists want done with the client.</summary>
internal sealed class MailInquiry
{
    private readonly ClientInquiry _client;
    private readonly ListedClient _listed;

    public MailInquiry(ClientInquiry client, ListedClient listed)
    {
        _client = client;
        _listed = listed;
    }

    /// <summary>What was found out for the mail that is on.</summary>
    public MailFindings Findings { get; private set; } = MailFindings.None;

    /// <summary>Asks what a policy wants to know of the client whatever it sends; waits for nothing.</summary>
    public void Begin(PolicySnapshot policy, in ClientFacts client) => _client.Begin(policy.InquiryFor(client, MailPath.Null));

    /// <summary>The connection is over.</summary>
    public void End() => _client.End();

    /// <summary>Finds out what the policy of a mail wants to know, and makes the client wait if a list wants it.</summary>
    public async ValueTask FindAsync(PolicySnapshot policy, ClientFacts client, MailPath sender)
    {
        Findings = await _client.FindAsync(policy.InquiryFor(client, sender), sender).ConfigureAwait(false);
        if (Findings.Lists.Count > 0)
        {
            await _listed.TreatAsync(client, policy.MarksOf(client, Findings)).ConfigureAwait(false);
        }
    }
}
