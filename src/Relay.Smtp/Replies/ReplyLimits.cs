namespace Relay.Smtp.Replies;

/// <summary>How much of a peer's reply is read and kept. A peer that exceeds the first three is not listened to any further.</summary>
/// <param name="LineMax">Octets of one line with its CRLF; 2048. RFC 5321 section 4.5.3.1.5 has 512, and real servers exceed it.</param>
/// <param name="LinesMax">Lines of one reply; 100.</param>
/// <param name="OctetsMax">Octets of one reply in all; 16 KiB. No more than this is ever buffered.</param>
/// <param name="TextMax">Characters of text kept in an <see cref="SmtpReply"/>; 1024. What is over is cut, not a fault.</param>
public sealed record ReplyLimits(int LineMax = 2048, int LinesMax = 100, int OctetsMax = 16 * 1024, int TextMax = 1024)
{
    /// <summary>The documented defaults.</summary>
    public static readonly ReplyLimits Default = new();
}
