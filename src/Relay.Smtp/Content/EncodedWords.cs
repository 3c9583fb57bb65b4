using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Relay.Smtp.Content;

/// <summary>Decodes encoded-words (RFC 2047) wherever they stand, as lenient readers do.</summary>
/// <remarks>
/// For looking for addresses only: ASCII is ASCII in nearly every charset (of UTF-16 every other octet is 0, which is dropped later). Outside
/// ASCII only UTF-8, UTF-7 and Latin-1 are read; what is in any other charset becomes <see cref="Unreadable"/>. Linear in the length of the text.
/// </remarks>
internal static class EncodedWords
{
    /// <summary>Stands for what cannot be read.</summary>
    public const char Unreadable = '\uFFFD';

    private const byte Escape = 0x1B;

    /// <summary>The text with each encoded-word replaced by what it says, and blanks between two of them dropped.</summary>
    public static string Decode(string text) => Decode(text, TextOf);

    /// <summary>The same with each word taken for UTF-8, whatever charset it names.</summary>
    public static string DecodeAsUtf8(string text) => Decode(text, static (_, octets) => Encoding.UTF8.GetString(octets));

    private static string Decode(string text, Func<string, byte[], string> textOf)
    {
        var decoded = new StringBuilder(text.Length);
        var at = 0;
        var wasWord = false;
        while (at < text.Length)
        {
            var start = text.IndexOf("=?", at, StringComparison.Ordinal);
            if (start < 0)
            {
                break;
            }

            var between = text.AsSpan(at, start - at);
            if (!wasWord || !between.IsWhiteSpace())
            {
                decoded.Append(between);
            }

            wasWord = TryDecodeWord(text.AsSpan(start), textOf, out var word, out var length);
            decoded.Append(wasWord ? word : "=?");
            at = start + (wasWord ? length : 2);
        }

        return decoded.Append(text, at, text.Length - at).ToString();
    }

    // "=?charset?B?text?=", the text without question marks; readers take blanks in it.
    private static bool TryDecodeWord(ReadOnlySpan<char> text, Func<string, byte[], string> textOf, out string word, out int length)
    {
        word = string.Empty;
        length = 0;
        var charset = text[2..].IndexOf('?');
        if (charset < 0 || text.Length < charset + 6 || text[charset + 4] != '?')
        {
            return false;
        }

        var rest = text[(charset + 5)..];
        var end = rest.IndexOf('?');
        if (end >= 0 && (end + 1 >= rest.Length || rest[end + 1] != '='))
        {
            return false;
        }

        // Some readers take a word without an end for one to the end of the field.
        length = end < 0 ? text.Length : charset + 5 + end + 2;
        end = end < 0 ? rest.Length : end;
        var octets = (text[charset + 3] | 0x20) switch
        {
            'b' => DecodeBase64(rest[..end]),
            'q' => DecodeQuoted(rest[..end]),
            _ => null,
        };
        // What stands in a word as it is, though it should not, is in the charset of the field.
        var name = Ascii.IsValid(rest[..end]) ? text.Slice(2, charset).ToString() : string.Empty;
        word = octets is null ? string.Empty : textOf(name, octets);
        return octets is not null;
    }

    private static string TextOf(string charset, byte[] octets)
    {
        var language = charset.IndexOf('*', StringComparison.Ordinal); // RFC 2231 section 5
        var name = (language < 0 ? charset : charset[..language]).Trim().ToLowerInvariant();
        if (name is "utf-8" or "utf8" or "us-ascii" or "ascii")
        {
            return Encoding.UTF8.GetString(octets);
        }

        if (name is "utf-7" or "unicode-1-1-utf-7")
        {
            return ShiftedText.Decode(octets);
        }

        // Both have the same letters from 0xA0 on, and each is sent under the other's name.
        var isLatin1 = name is "iso-8859-1" or "iso8859-1" or "latin1" or "windows-1252" or "cp1252";
        return string.Create(octets.Length, (octets, isLatin1), static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                var octet = from.octets[i];
                // Behind an escape ASCII may mean something else (RFC 1468).
                text[i] = (octet < 0x80 && octet != Escape) || (from.isLatin1 && octet >= 0xA0) ? (char)octet : Unreadable;
            }
        });
    }

    private static byte[]? DecodeBase64(ReadOnlySpan<char> text)
    {
        var padded = string.Concat(text.ToString().Where(static c => !char.IsWhiteSpace(c))).TrimEnd('=');
        padded += new string('=', (4 - (padded.Length % 4)) % 4);
        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        return Convert.TryFromBase64String(padded, octets, out var written) ? octets[..written] : null;
    }

    private static byte[] DecodeQuoted(ReadOnlySpan<char> text)
    {
        var octets = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '='
                && i + 2 < text.Length
                && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
            {
                octets.AddRange(text[i] == '_' ? " "u8 : Encoding.UTF8.GetBytes([text[i]]));
            }
        }

        return [.. octets];
    }
}
