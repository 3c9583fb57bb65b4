namespace Relay.Messages.Destinations;

/// <summary>What is known of the conversation that an attempt was part of.</summary>
public sealed record AttemptFacts
{
    /// <summary>It did not come to a conversation.</summary>
    public static readonly AttemptFacts None = new();

    /// <summary>Host and address that were spoken to, or last tried; null when there was none.</summary>
    public string? NextHop { get; init; }

    /// <summary>The envelope's sender, empty for the null path; null where the message was not looked at.</summary>
    public string? Sender { get; init; }

    /// <summary>From MAIL to the final dot when the message came in; zero when it is not known.</summary>
    public TimeSpan Reception { get; init; }

    /// <summary>From the first look-up to the greeting's end, for the first message of a connection; zero for those that followed on it.</summary>
    public TimeSpan Connect { get; init; }

    /// <summary>From MAIL to the last reply.</summary>
    public TimeSpan Transmit { get; init; }

    /// <summary>Version and cipher suite, and whether the peer was proven; null without TLS.</summary>
    public string? Tls { get; init; }

    /// <summary>True when the next hop offered DSN (RFC 3461), so that reports of success are its business from now on.</summary>
    public bool PeerHasDsn { get; init; }

    /// <summary>True when the next hop spoke LMTP: what it took is in the mailbox (RFC 2033).</summary>
    public bool IsFinalDelivery { get; init; }
}
