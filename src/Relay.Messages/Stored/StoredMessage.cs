using System.Collections.Immutable;
using System.Net;
using Relay.Messages.Ids;
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

    /// <summary>What it reports, when it is a delivery status notification of ours; null for mail of others.</summary>
    public ReportCause? Report { get; init; }
}

/// <summary>What a delivery status notification (RFC 3464) of ours is about.</summary>
/// <param name="Message">The message that it reports of.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Recipients">The places in that message's envelope of those it speaks of, ascending.</param>
public sealed record ReportCause(MessageId Message, ReportKind Kind, ImmutableArray<int> Recipients);

/// <summary>What a delivery status notification says.</summary>
public enum ReportKind
{
    /// <summary>Recipients failed for good.</summary>
    Failed = 0,

    /// <summary>The message has not been delivered yet, and is still tried.</summary>
    Delayed = 1,

    /// <summary>Recipients were delivered, or relayed to a host that makes no such reports.</summary>
    Success = 2,
}
