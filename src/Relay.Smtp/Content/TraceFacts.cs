using System.Net;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Content;

/// <summary>What a <c>Received:</c> field tells (RFC 5321 section 4.4).</summary>
/// <param name="HeloName">What the client called itself, as sent: anything at all, made harmless when written. Null when it did not.</param>
/// <param name="ClientAddress">The client's real address; IPv4-mapped IPv6 is written as IPv4, a scope is left out.</param>
/// <param name="HostName">Our own name.</param>
/// <param name="Protocol">The with-value: see <see cref="TraceHeader.ProtocolName"/>.</param>
/// <param name="MessageId">The id that our 250 tells the client.</param>
/// <param name="OnlyRecipient">The recipient when there is exactly one; null else, since recipients must not see each other.</param>
/// <param name="At">When the message arrived; written in UTC.</param>
public sealed record TraceFacts(
    string? HeloName,
    IPAddress ClientAddress,
    string HostName,
    string Protocol,
    string MessageId,
    MailPath? OnlyRecipient,
    DateTimeOffset At)
{
    /// <summary>The cipher suite by its IANA name, for the tls clause (RFC 8314 section 4.3); null without TLS.</summary>
    public string? CipherSuite { get; init; }

    /// <summary>The client's host name, when it is proven to lead back to its address; null else. Nothing that the client merely says.</summary>
    public MailDomain? ClientName { get; init; }
}
