using Relay.Smtp.Envelopes;

namespace Relay.Actors.Bounces;

/// <summary>What of the original goes back with a report: all of it, or its header, each as it came.</summary>
internal sealed class ReturnedPart
{
    /// <summary>A line in octets, without its CRLF (RFC 5322 section 2.1.1).</summary>
    public const int LineMax = 998;

    private ReturnedPart(ReadOnlyMemory<byte> content, int headerLength, bool isWhole)
    {
        Header = content[..headerLength];
        Octets = isWhole ? content : Header;
        IsWhole = isWhole;
        NeedsEncoding = !isWhole && (HasOver127(Header.Span) || !IsPlain(Header.Span));
    }

    /// <summary>The original's header, cut to its limit.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <summary>The octets, as they came.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>True for the whole message, false for its header.</summary>
    public bool IsWhole { get; }

    /// <summary>
    /// True when the octets can only travel encoded. Headers are, so that a report needs 8BITMIME only for the sake of a whole message, which
    /// may not be (RFC 2046 section 5.2.1).
    /// </summary>
    public bool NeedsEncoding { get; }

    /// <summary>Chooses: whole when a delivery failed, the sender did not ask for the header only, and it is small and can travel; else the header.</summary>
    /// <remarks>RFC 3461 section 4.3: RET is about reports of failure; others return the header.</remarks>
    public static ReturnedPart Of(DsnRequest request)
    {
        var content = request.Content;
        var isWhole = content.IsWhole
            && content.Size <= DsnLimits.FullOctetsMax
            && request.Original.Envelope.Parameters.Return != DsnReturn.Headers
            && request.Recipients.Any(static recipient => recipient.Action == DsnAction.Failed)
            && IsPlain(content.Head.Span);
        return new ReturnedPart(content.Head, HeaderLength(content.Head.Span), isWhole);
    }

    /// <summary>True when any octet is over 127.</summary>
    public static bool HasOver127(ReadOnlySpan<byte> octets) => octets.ContainsAnyInRange((byte)0x80, (byte)0xFF);

    /// <summary>The length of the header: up to the empty line, or to the first line that is no field, and within its limit.</summary>
    private static int HeaderLength(ReadOnlySpan<byte> octets)
    {
        var end = 0;
        while (end < octets.Length)
        {
            var line = octets[end..];
            var lineEnd = line.IndexOf((byte)'\n');
            line = lineEnd < 0 ? line : line[..(lineEnd + 1)];
            var isContinued = end > 0 && line[0] is (byte)' ' or (byte)'\t';
            if (end + line.Length > DsnLimits.HeaderOctetsMax || (!isContinued && !IsField(line)))
            {
                break;
            }

            end += line.Length;
        }

        return end;
    }

    private static bool IsField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        return colon > 0 && !line[..colon].TrimEnd(" \t"u8).ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    /// <summary>True when the octets can travel without an encoding: lines of bounded length that end with CRLF, and no NUL.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> octets)
    {
        var lineStart = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] == 0
                || i - lineStart > LineMax + 1
                || (octets[i] == '\r' && (i + 1 == octets.Length || octets[i + 1] != '\n'))
                || (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')))
            {
                return false;
            }

            if (octets[i] == '\n')
            {
                lineStart = i + 1;
            }
        }

        return octets.Length - lineStart <= LineMax;
    }
}
