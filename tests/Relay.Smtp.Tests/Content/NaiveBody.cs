using System.Text;
using Relay.Smtp.Content;

namespace Relay.Smtp.Tests.Content;

/// <summary>A slow and plain reading of RFC 5321 sections 4.1.1.4 and 4.5.2, to compare the scanner with.</summary>
internal static class NaiveBody
{
    /// <summary>Reads DATA: splits it at CRLF, stops at a line that is a dot, takes one dot from lines that start with one.</summary>
    public static (byte[] Content, bool IsEnded, int Consumed, BodyFault Fault) Read(byte[] data, int lineMax)
    {
        var text = Encoding.Latin1.GetString(data);
        var content = new StringBuilder();
        var at = 0;
        while (true)
        {
            var end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            var line = end < 0 ? text[at..] : text[at..end];
            if (end >= 0 && line == ".")
            {
                return Result(content.ToString(), true, end + 2, lineMax);
            }

            // A dot at the very end, with or without its CR, may still become the end of data.
            var isHeldBack = end < 0 && line is "." or ".\r";
            content.Append(isHeldBack ? string.Empty : line.StartsWith('.') ? line[1..] : line).Append(end < 0 ? string.Empty : "\r\n");
            if (end < 0)
            {
                return Result(content.ToString(), false, text.Length, lineMax);
            }

            at = end + 2;
        }
    }

    /// <summary>The fault of content as it is; a CR at its end is bare.</summary>
    public static BodyFault FaultOf(byte[] content, int lineMax) => FaultOf(Encoding.Latin1.GetString(content), lineMax);

    private static BodyFault FaultOf(string content, int lineMax)
    {
        var lines = content.Split("\r\n");
        return lines.Any(line => line.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) ? BodyFault.BadOctet
            : lines.Any(line => line.Length > lineMax) ? BodyFault.LongLine
            : BodyFault.None;
    }

    private static (byte[] Content, bool IsEnded, int Consumed, BodyFault Fault) Result(
        string content, bool isEnded, int consumed, int lineMax)
    {
        // While the data goes on, a CR at its end may still get its LF.
        var settled = !isEnded && content.EndsWith('\r') ? content[..^1] : content;
        return (Encoding.Latin1.GetBytes(content), isEnded, consumed, FaultOf(settled, lineMax));
    }
}
