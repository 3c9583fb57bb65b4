namespace Relay.Smtp.Replies;

/// <summary>Why a peer's bytes were not taken as a reply.</summary>
public enum ReplyFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A line does not begin with a code of 200 to 599 that a space, a hyphen or the line's end follows.</summary>
    Syntax,

    /// <summary>A line of a multi-line reply has another code than the first (RFC 5321 section 4.2.1).</summary>
    MixedCodes,

    /// <summary>A line ends with a bare LF (RFC 5321 section 2.3.8).</summary>
    BareLineFeed,

    /// <summary>A line is longer than <see cref="ReplyLimits.LineMax"/>.</summary>
    LineTooLong,

    /// <summary>The reply has more lines than <see cref="ReplyLimits.LinesMax"/>.</summary>
    TooManyLines,

    /// <summary>The reply has more octets than <see cref="ReplyLimits.OctetsMax"/>.</summary>
    TooLong,
}
