using System.Buffers;
using System.Globalization;
using System.Text;

namespace Relay.Smtp.Addresses;

/// <summary>
/// The grammar of local parts: dot-string or quoted-string (RFC 5321 section 4.1.2), extended by UTF-8 (RFC 6531 section 3.3).
/// </summary>
internal static class LocalPartSyntax
{
    /// <summary>A local part in octets of UTF-8, quotes included (RFC 5321 section 4.5.3.1.1).</summary>
    public const int OctetsMax = 64;

    private const char QuotedFirst = ' ';
    private const char QuotedLast = '~';

    private static readonly SearchValues<char> Atext =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    /// <summary>
    /// The length of the local part at the start of <paramref name="text"/>, up to but without the <c>@</c>; -1 when there is none.
    /// </summary>
    public static int Measure(ReadOnlySpan<char> text)
    {
        var length = text.IsEmpty ? -1 : text[0] == '"' ? MeasureQuoted(text) : MeasureDotString(text);
        return length > 0 && Encoding.UTF8.GetByteCount(text[..length]) <= OctetsMax ? length : -1;
    }

    private static int MeasureDotString(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (true)
        {
            var start = at;
            while (at < text.Length)
            {
                var run = text[at..].IndexOfAnyExcept(Atext);
                at = run < 0 ? text.Length : at + run;
                var width = at < text.Length ? MeasureUtf8(text[at..]) : 0;
                if (width == 0)
                {
                    break;
                }

                at += width;
            }

            if (at == start)
            {
                return -1; // a dot at an end, two dots, or something that no atom holds
            }

            if (at == text.Length || text[at] != '.')
            {
                return at;
            }

            at++;
        }
    }

    private static int MeasureQuoted(ReadOnlySpan<char> text)
    {
        var at = 1;
        while (at < text.Length)
        {
            var c = text[at];
            if (c == '"')
            {
                return at + 1;
            }

            if (c == '\\')
            {
                if (at + 1 == text.Length || text[at + 1] is < QuotedFirst or > QuotedLast)
                {
                    return -1;
                }

                at += 2;
                continue;
            }

            var width = c is >= QuotedFirst and <= QuotedLast ? 1 : MeasureUtf8(text[at..]);
            if (width == 0)
            {
                return -1;
            }

            at += width;
        }

        return -1;
    }

    // The length of one allowed character outside ASCII, or 0. Refused: what hides (controls, directions, separators) and the wide and
    // small forms of ASCII, which the next reader may turn into "@" or "." when it normalises.
    private static int MeasureUtf8(ReadOnlySpan<char> text)
    {
        if (char.IsAscii(text[0]) || Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done)
        {
            return 0;
        }

        if (rune.Value is (>= 0xFF01 and <= 0xFF5E) or (>= 0xFE50 and <= 0xFE6F) or (>= 0x2024 and <= 0x2026))
        {
            return 0;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Surrogate or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => 0,
            UnicodeCategory.Format => rune.Value is 0x200C or 0x200D ? length : 0, // joiners are letters' business in some scripts
            _ => length,
        };
    }
}
