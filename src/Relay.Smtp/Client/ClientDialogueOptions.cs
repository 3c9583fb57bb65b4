using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>What all conversations with next hops share.</summary>
/// <param name="HostName">Our name in EHLO and HELO: printable ASCII without spaces.</param>
public sealed record ClientDialogueOptions(string HostName)
{
    /// <summary>Octets of one reply line with its CRLF; 2048. A peer that sends longer ones fails.</summary>
    public int ReplyLineMax { get; init; } = ReplyLimits.Default.LineMax;

    /// <summary>Lines of one reply; 100.</summary>
    public int ReplyLinesMax { get; init; } = ReplyLimits.Default.LinesMax;

    /// <summary>Octets of one reply in all; 16 KiB.</summary>
    public int ReplyOctetsMax { get; init; } = ReplyLimits.Default.OctetsMax;

    /// <summary>Characters of a reply's text that an outcome keeps; 1024. What is over is cut.</summary>
    public int ReplyTextMax { get; init; } = ReplyLimits.Default.TextMax;

    /// <summary>
    /// RCPT commands that go out in one write before their replies are read; 100. The replies to them fit a socket's buffers, so that two
    /// ends that both write first cannot block each other (RFC 2920 section 3.1).
    /// </summary>
    public int PipelinedRecipientsMax { get; init; } = 100;

    internal ReplyLimits ToReplyLimits() => new(ReplyLineMax, ReplyLinesMax, ReplyOctetsMax, ReplyTextMax);
}
