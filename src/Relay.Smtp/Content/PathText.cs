using System.Buffers;

namespace Relay.Smtp.Content;

/// <summary>The last look at an address before it leaves us: whatever went wrong before, it cannot end a line or its angle brackets.</summary>
internal static class PathText
{
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017"
        + "\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u007f \"\\<>()");

    /// <summary>True when the text has no control character, and spaces, brackets and backslashes only in a quoted string.</summary>
    /// <param name="text">A path without its angle brackets; empty is safe.</param>
    public static bool IsSafe(ReadOnlySpan<char> text) => !text.ContainsAny(Suspects) || IsSafeQuoted(text);

    private static bool IsSafeQuoted(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < ' ' or '\u007f')
            {
                return false;
            }

            switch (text[i])
            {
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '\\':
                    i++;
                    if (!isQuoted || i == text.Length || text[i] is < ' ' or '\u007f')
                    {
                        return false;
                    }

                    break;
                case ' ' or '<' or '>' or '(' or ')' when !isQuoted:
                    return false;
            }
        }

        return !isQuoted;
    }
}
