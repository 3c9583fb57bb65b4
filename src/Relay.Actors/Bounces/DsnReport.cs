using Relay.Smtp.Envelopes;

namespace Relay.Actors.Bounces;

/// <summary>A finished report, ready to be accepted like any other message.</summary>
/// <param name="Envelope">From the null path to the original's sender, with NOTIFY=NEVER (RFC 3461 section 6.1) and the parameters it needs.</param>
/// <param name="Content">Its octets: CRLF lines of at most 998 octets, no bare CR or LF, no NUL.</param>
/// <param name="Has8Bit">True when the next hop must offer 8BITMIME for it.</param>
public sealed record DsnReport(Envelope Envelope, ReadOnlyMemory<byte> Content, bool Has8Bit);
