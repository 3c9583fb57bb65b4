using System.Text;

namespace Relay.Smtp.Content;

/// <summary>Reads UTF-7 (RFC 2152): ASCII with runs of UTF-16 in base64 between <c>+</c> and <c>-</c>. For looking for addresses only: never fails.</summary>
internal static class ShiftedText
{
    /// <summary>The text; a run that cannot be read becomes <see cref="EncodedWords.Unreadable"/>.</summary>
    public static string Decode(ReadOnlySpan<byte> octets)
    {
        var text = Encoding.Latin1.GetString(octets);
        var decoded = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '+')
            {
                decoded.Append(text[at]);
                continue;
            }

            var end = at + 1;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '+' or '/'))
            {
                end++;
            }

            decoded.Append(end == at + 1 ? "+" : RunOf(text[(at + 1)..end]));
            at = end < text.Length && text[end] == '-' ? end : end - 1;
        }

        return decoded.ToString();
    }

    private static string RunOf(string base64)
    {
        var units = new byte[base64.Length];
        var padded = base64 + new string('A', (4 - (base64.Length % 4)) % 4); // bits that fill up are zero
        return Convert.TryFromBase64String(padded, units, out _) ? Encoding.BigEndianUnicode.GetString(units, 0, base64.Length * 6 / 16 * 2) : $"{EncodedWords.Unreadable}";
    }
}
