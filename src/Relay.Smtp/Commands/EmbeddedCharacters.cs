using System.Globalization;
using System.Text;

namespace Relay.Smtp.Commands;

/// <summary>The <c>\x{…}</c> of addresses of type <c>utf-8</c> (RFC 6533 section 3).</summary>
internal static class EmbeddedCharacters
{
    private const int DigitsMin = 2;
    private const int DigitsMax = 6;

    /// <summary>
    /// True when each backslash begins <c>\x{</c>, two to six hexadecimal digits and <c>}</c> that stand for a Unicode character, and none of
    /// these is a control character: whoever decodes the address must not find a line end in it.
    /// </summary>
    public static bool AreValid(ReadOnlySpan<char> address)
    {
        while (address.IndexOf('\\') is >= 0 and var start)
        {
            address = address[start..];
            var end = address.IndexOf('}');
            if (end < 0 || !address.StartsWith("\\x{", StringComparison.OrdinalIgnoreCase) || !IsCharacter(address["\\x{".Length..end]))
            {
                return false;
            }

            address = address[(end + 1)..];
        }

        return true;
    }

    private static bool IsCharacter(ReadOnlySpan<char> digits) =>
        digits.Length is >= DigitsMin and <= DigitsMax
        && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        && Rune.TryCreate(number, out var character)
        && !Rune.IsControl(character);
}
