using System.Net;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Documents;

/// <summary>An entry of <c>dnsBlocklists</c> (RFC 5782).</summary>
/// <param name="Zone">The list's zone.</param>
/// <param name="Answers">The answers that count as listed, addresses of 127.0.0.0/8.</param>
/// <param name="Action">What becomes of a listed client's mail.</param>
public sealed record DnsBlocklist(MailDomain Zone, IReadOnlyList<IPAddress> Answers, DnsBlocklistAction Action);

/// <summary>An entry of <c>dnsAllowlists</c>.</summary>
/// <param name="Zone">The list's zone.</param>
/// <param name="Answers">The answers that count as listed, addresses of 127.0.0.0/8.</param>
public sealed record DnsAllowlist(MailDomain Zone, IReadOnlyList<IPAddress> Answers);

/// <summary>What becomes of the mail of a client on a blocklist.</summary>
public enum DnsBlocklistAction
{
    /// <summary>A 5xx reply.</summary>
    Reject,

    /// <summary>A 4xx reply.</summary>
    Defer,

    /// <summary>It is taken, but the client is made to wait.</summary>
    Tarpit,

    /// <summary>It is taken, and logged.</summary>
    Log,
}
