using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Relay.Smtp.Replies;

/// <summary>Writes replies as octets (RFC 5321 section 4.2, RFC 2034).</summary>
public static class ReplyWriter
{
    /// <summary>A reply line in octets with code and CRLF (RFC 5321 section 4.5.3.1.5); longer text is cut.</summary>
    public const int LineMax = 512;

    private const int CodeOctets = 3;
    private const int PrefixOctetsMax = CodeOctets + 1 + EnhancedStatusOctetsMax + 1;
    private const int EnhancedStatusOctetsMax = 9;

    /// <summary>Writes all lines of a reply in one piece, so that no client sees half of it (RFC 5321 section 4.2.1).</summary>
    /// <remarks>Every line carries code and enhanced status. What is not printable ASCII in the text becomes a question mark.</remarks>
    /// <param name="reply">The reply.</param>
    /// <param name="output">Where the octets go.</param>
    public static void Write(SmtpReply reply, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(output);
        var total = 0;
        var lines = reply.Lines;
        for (var i = 0; i < lines.Count; i++)
        {
            total += Math.Min(LineMax, PrefixOctetsMax + lines[i].Length + 2);
        }

        var span = output.GetSpan(total);
        var written = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            written += WriteLine(reply.Code, i < lines.Count - 1, reply.Status, lines[i], span[written..]);
        }

        output.Advance(written);
    }

    private static int WriteLine(int code, bool hasNext, EnhancedStatus status, string text, Span<byte> line)
    {
        Utf8Formatter.TryFormat(code, line, out var at);
        line[at++] = hasNext ? (byte)'-' : (byte)' ';
        if (!status.IsNone)
        {
            at += WriteStatus(status, line[at..]);
            line[at++] = (byte)' ';
        }

        var room = LineMax - 2 - at;
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, room)))
        {
            line[at++] = c is >= ' ' and <= '~' ? (byte)c : (byte)'?';
        }

        line[at++] = (byte)'\r';
        line[at++] = (byte)'\n';
        return at;
    }

    private static int WriteStatus(EnhancedStatus status, Span<byte> target)
    {
        status.Class.TryFormat(target, out var at, default, CultureInfo.InvariantCulture);
        target[at++] = (byte)'.';
        status.Subject.TryFormat(target[at..], out var subject, default, CultureInfo.InvariantCulture);
        at += subject;
        target[at++] = (byte)'.';
        status.Detail.TryFormat(target[at..], out var detail, default, CultureInfo.InvariantCulture);
        return at + detail;
    }
}
