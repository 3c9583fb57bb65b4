using System.Net;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Findings;

/// <summary>What one DNS list (RFC 5782) says of a client.</summary>
/// <param name="Zone">The list's zone, as the policy names it.</param>
/// <param name="Answers">Its answers; empty when it does not list the client. Whether they count, the policy says.</param>
public sealed record DnsListFinding(MailDomain Zone, IReadOnlyList<IPAddress> Answers);
