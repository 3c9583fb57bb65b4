namespace Relay.Smtp.Commands;

/// <summary>Finds the path in the argument of MAIL or RCPT.</summary>
internal static class PathArgument
{
    /// <summary>Splits <c>FROM:&lt;path&gt; parameters</c>. Spaces after the colon are taken: many clients send one.</summary>
    /// <param name="argument">What follows the verb.</param>
    /// <param name="keyword"><c>FROM:</c> or <c>TO:</c>, in any case of letters.</param>
    /// <param name="path">The text between the angle brackets.</param>
    /// <param name="parameters">What follows: empty, or starting with a space.</param>
    public static bool TrySplit(
        ReadOnlySpan<char> argument, string keyword, out ReadOnlySpan<char> path, out ReadOnlySpan<char> parameters)
    {
        path = default;
        parameters = default;
        if (!argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = argument[keyword.Length..].TrimStart(' ');
        if (rest.IsEmpty || rest[0] != '<')
        {
            return false;
        }

        var end = FindEnd(rest);
        if (end < 0)
        {
            return false;
        }

        path = rest[1..end];
        parameters = rest[(end + 1)..];
        return parameters.IsEmpty || parameters[0] == ' ';
    }

    // A quoted local part may hold ">".
    private static int FindEnd(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '\\' when isQuoted:
                    i++;
                    break;
                case '>' when !isQuoted:
                    return i;
                default:
                    break;
            }
        }

        return -1;
    }
}
