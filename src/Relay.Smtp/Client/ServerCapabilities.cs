using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>What a next hop offered in its reply to EHLO (RFC 5321 section 4.1.1.1).</summary>
public sealed record ServerCapabilities
{
    /// <summary>A peer that knows only HELO.</summary>
    public static readonly ServerCapabilities None = new();

    /// <summary>EHLO was accepted.</summary>
    public bool IsExtended { get; init; }

    /// <summary>PIPELINING (RFC 2920).</summary>
    public bool HasPipelining { get; init; }

    /// <summary>8BITMIME (RFC 6152).</summary>
    public bool Has8BitMime { get; init; }

    /// <summary>SMTPUTF8 (RFC 6531).</summary>
    public bool HasSmtpUtf8 { get; init; }

    /// <summary>DSN (RFC 3461).</summary>
    public bool HasDsn { get; init; }

    /// <summary>ENHANCEDSTATUSCODES (RFC 2034).</summary>
    public bool HasEnhancedStatusCodes { get; init; }

    /// <summary>CHUNKING (RFC 3030).</summary>
    public bool HasChunking { get; init; }

    /// <summary>STARTTLS (RFC 3207).</summary>
    public bool HasStartTls { get; init; }

    /// <summary>SIZE (RFC 1870), with a limit or without.</summary>
    public bool HasSize { get; init; }

    /// <summary>The largest message in octets that the peer takes; null when it names no limit (SIZE alone, SIZE 0, or not a number).</summary>
    public long? SizeMax { get; init; }

    /// <summary>Reads the reply to EHLO. Names are compared in any case; what is unknown is passed over.</summary>
    /// <param name="reply">A parser that holds the complete reply, of any code: the code is not looked at.</param>
    public static ServerCapabilities Parse(ReplyParser reply) => throw new NotImplementedException();
}
