namespace Relay.Smtp.Commands;

/// <summary>The xtext encoding of DSN and AUTH parameters (RFC 3461 section 4).</summary>
internal static class Xtext
{
    /// <summary>
    /// True when the text is xtext: printable ASCII without <c>=</c>, and <c>+</c> only before two upper-case hexadecimal digits.
    /// </summary>
    /// <param name="text">The text as sent.</param>
    /// <param name="allowUtf8">Take characters outside ASCII too, as the <c>utf-8</c> address type has them (RFC 6533 section 3).</param>
    public static bool IsValid(ReadOnlySpan<char> text, bool allowUtf8 = false)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '+')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigitUpper(text[i + 1]) || !char.IsAsciiHexDigitUpper(text[i + 2]))
                {
                    return false;
                }

                i += 2;
            }
            else if (c is < '!' or '=' or '\u007F' || (!char.IsAscii(c) && !allowUtf8))
            {
                return false;
            }
        }

        return true;
    }
}
