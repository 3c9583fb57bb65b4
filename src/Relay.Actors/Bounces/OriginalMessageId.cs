using System.Buffers;
using System.Text;

namespace Relay.Actors.Bounces;

/// <summary>Finds the Message-ID of a message in its header, which anyone may have written.</summary>
internal static class OriginalMessageId
{
    private static readonly SearchValues<char> Specials = SearchValues.Create("<>()\\\",;:");

    private static ReadOnlySpan<byte> Name => "message-id:"u8;

    /// <summary>The first Message-ID with its angle brackets; null when there is none that could stand in our header as it is.</summary>
    public static string? Find(ReadOnlySpan<byte> header)
    {
        while (!header.IsEmpty)
        {
            if (header.Length > Name.Length && Ascii.EqualsIgnoreCase(header[..Name.Length], Name))
            {
                return Read(header[Name.Length..]);
            }

            var lineEnd = header.IndexOf((byte)'\n');
            header = lineEnd < 0 ? [] : header[(lineEnd + 1)..];
        }

        return null;
    }

    /// <summary>True for <c>left@right</c> in printable ASCII without brackets, spaces or quotes.</summary>
    public static bool IsPlain(ReadOnlySpan<char> id)
    {
        var at = id.IndexOf('@');
        return at > 0
            && at < id.Length - 1
            && id.Length <= DsnLimits.MessageIdMax
            && !id[(at + 1)..].Contains('@')
            && !id.ContainsAnyExceptInRange('!', '~')
            && !id.ContainsAny(Specials);
    }

    // The field may be folded before the id (RFC 5322 section 3.6.4).
    private static string? Read(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart(" \t\r\n"u8);
        var end = value.IndexOf((byte)'>');
        if (end <= 0 || end > DsnLimits.MessageIdMax || value[0] != '<')
        {
            return null;
        }

        var id = Encoding.Latin1.GetString(value[1..end]);
        return IsPlain(id) ? $"<{id}>" : null;
    }
}
