using System.Net;
using Relay.Smtp.Envelopes;

namespace Relay.Messages.Stored;

/// <summary>Who handed us a message, as far as delivery, logs and bounces need to know it.</summary>
/// <param name="Address">The client's address, IPv4-mapped forms as IPv4.</param>
/// <param name="HeloName">The name it gave at EHLO or HELO; null when it gave none.</param>
/// <param name="Listener">The name of the listener it came in by.</param>
/// <param name="User">The authenticated user, or null.</param>
public sealed record MessageOrigin(IPAddress Address, string? HeloName, string Listener, string? User);

/// <summary>What the spool keeps beside the octets of an accepted message; the header of its spool entry.</summary>
/// <param name="Envelope">Sender, parameters and all recipients, in the order they were accepted.</param>
/// <param name="Origin">Who handed it to us.</param>
/// <param name="AcceptedAt">When the final dot was answered, to the millisecond.</param>
/// <param name="BodyHas8Bit">True when the content has octets over 127, so that the next hop must offer 8BITMIME (RFC 6152).</param>
public sealed record StoredMessage(Envelope Envelope, MessageOrigin Origin, DateTimeOffset AcceptedAt, bool BodyHas8Bit)
{
    /// <summary>False only when the header is known to have no octet over 127, so that it does not need SMTPUTF8 (RFC 6532).</summary>
    public bool HeaderMayHave8Bit { get; init; } = true;

    /// <summary>From MAIL to the final dot, to the millisecond; zero when it is not known.</summary>
    public TimeSpan Reception { get; init; }
}
