using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Actors.Bounces;

/// <summary>Makes what strangers said fit for a report: one line, no control characters, bounded.</summary>
internal static class DsnText
{
    private const char Replacement = '?';

    /// <summary>One line: white space of any kind becomes single spaces, what cannot be shown a question mark.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="max">Characters kept at most.</param>
    /// <param name="allowUtf8">False: what is not ASCII becomes a question mark too.</param>
    public static string OneLine(string text, int max, bool allowUtf8)
    {
        var line = new StringBuilder(Math.Min(text.Length, max));
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else
            {
                Append(line, rune, allowUtf8);
            }

            if (line.Length >= max)
            {
                break;
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>The same text with its spaces, and question marks for what is no character to show.</summary>
    public static string Clean(string text, bool allowUtf8)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Append(line, rune, allowUtf8);
        }

        return line.ToString();
    }

    /// <summary>A host as <c>host[address]:port</c> has it, or an address literal; what cannot stand in one becomes a question mark.</summary>
    public static string Host(string text)
    {
        var end = text.Length > 0 && text[0] == '[' ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf('[', StringComparison.Ordinal);
        var host = (end > 0 ? text[..end] : text).ToCharArray();
        for (var i = 0; i < host.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(host[i]) && host[i] is not ('.' or '-' or '_' or ':' or '[' or ']'))
            {
                host[i] = Replacement;
            }
        }

        return new string(host, 0, Math.Min(host.Length, DsnLimits.ValueOctetsMax));
    }

    /// <summary>The same as the name of an MTA of type <c>dns</c>: an address as a literal, <c>[192.0.2.1]</c> or <c>[IPv6:2001:db8::1]</c> (RFC 3464 section 9.3).</summary>
    public static string Mta(string text)
    {
        var host = Host(text);
        var bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (!IPAddress.TryParse(bare, out var address))
        {
            return host;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return $"[IPv6:{bare}]";
        }

        // What old programs would read as an address, such as 1 or 10.1, is a name here.
        return address.ToString() == bare ? $"[{bare}]" : host;
    }

    /// <summary>A date as mail has it (RFC 5322 section 3.3), in UTC.</summary>
    public static string Date(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    /// <summary>Undoes xtext (RFC 3461 section 4), but for what would not be printable ASCII.</summary>
    public static string FromXtext(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '+'
                && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)
                && octet is >= (byte)' ' and < 0x7F)
            {
                decoded.Append((char)octet);
                i += 2;
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        return decoded.ToString();
    }

    /// <summary>Undoes the escapes <c>\x{HEX}</c> of an internationalized address (RFC 6533 section 3), but for what is not a character to show.</summary>
    public static string FromUtf8Escapes(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var end = text.AsSpan(i).StartsWith(@"\x{") ? text.IndexOf('}', i) : -1;
            if (end > 0
                && uint.TryParse(text.AsSpan(i + 3, end - i - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && Rune.TryCreate(value, out var rune)
                && IsShown(rune))
            {
                decoded.Append(rune.ToString());
                i = end;
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        return decoded.ToString();
    }

    private static void Append(StringBuilder line, Rune rune, bool allowUtf8)
    {
        if (IsShown(rune) && (allowUtf8 || rune.IsAscii))
        {
            line.Append(rune.ToString());
        }
        else
        {
            line.Append(Replacement);
        }
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
