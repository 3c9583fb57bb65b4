using Relay.Smtp.Addresses;

namespace Relay.Policy.Findings;

/// <summary>What a policy wants to know of one client and sender before it decides.</summary>
/// <param name="ClientName">The client's proven host name.</param>
/// <param name="SenderDomain">Whether the sender's domain can take mail.</param>
/// <param name="Lists">The zones of the DNS lists to ask about the client.</param>
public sealed record Inquiry(bool ClientName, bool SenderDomain, IReadOnlyList<MailDomain> Lists)
{
    /// <summary>Nothing is to be asked.</summary>
    public static readonly Inquiry Nothing = new(ClientName: false, SenderDomain: false, []);
}
