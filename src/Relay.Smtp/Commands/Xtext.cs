namespace Relay.Smtp.Commands;

/// <summary>The xtext encoding of DSN and AUTH parameters (RFC 3461 section 4).</summary>
internal static class Xtext
{
    /// <summary>
    /// True when the text is xtext: printable ASCII without <c>=</c>, and <c>+</c> only before two upper-case hexadecimal digits that stand
    /// for printable ASCII, for what is encoded must be that too (RFC 3461 sections 4.2 and 4.4).
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
                if (i + 2 >= text.Length
                    || !char.IsAsciiHexDigitUpper(text[i + 1]) || !char.IsAsciiHexDigitUpper(text[i + 2])
                    || text[i + 1] is < '2' or > '7' || text[(i + 1)..(i + 3)] is "7F")
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
