using System.Globalization;

namespace Relay.Node.Cluster;

/// <summary>Looks for brackets and quotes that do not fit each other: the parser takes a file that was cut off, and says nothing of what is lost.</summary>
internal static class HoconBalance
{
    private const string TripleQuote = "\"\"\"";

    /// <summary>What does not fit, with its line; null when everything does.</summary>
    public static string? FindProblem(string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        var at = 0;
        while (at < text.Length)
        {
            var rest = text.AsSpan(at);
            switch (rest[0])
            {
                case '#':
                case '/' when rest.StartsWith("//"):
                    at += LengthToLineEnd(rest);
                    continue;
                case '"':
                    var length = rest.StartsWith(TripleQuote) ? LengthOfTriple(rest) : LengthOfQuoted(rest);
                    if (length < 0)
                    {
                        return Say(line, "a quote is not closed");
                    }

                    line += rest[..length].Count('\n');
                    at += length;
                    continue;
                case '{' or '[':
                    open.Push((rest[0], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var last))
                    {
                        return Say(line, $"{rest[0]} closes nothing");
                    }

                    if (rest[0] != Closing(last.Bracket))
                    {
                        return Say(line, string.Create(CultureInfo.InvariantCulture, $"{rest[0]} does not close the {last.Bracket} of line {last.Line}"));
                    }

                    break;
                case '\n':
                    line++;
                    break;
            }

            at++;
        }

        return open.TryPop(out var left) ? Say(left.Line, $"{left.Bracket} is not closed: was the file cut off?") : null;
    }

    private static char Closing(char bracket) => bracket == '{' ? '}' : ']';

    private static string Say(int line, string problem) => string.Create(CultureInfo.InvariantCulture, $"line {line}: {problem}");

    private static int LengthToLineEnd(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('\n');
        return end < 0 ? text.Length : end;
    }

    private static int LengthOfTriple(ReadOnlySpan<char> text)
    {
        var end = text[TripleQuote.Length..].IndexOf(TripleQuote);
        return end < 0 ? -1 : end + (2 * TripleQuote.Length);
    }

    // It ends on its line, or not at all: only triple quotes go over several.
    private static int LengthOfQuoted(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length && text[i] != '\n'; i++)
        {
            switch (text[i])
            {
                case '"':
                    return i + 1;
                case '\\':
                    i++;
                    break;
            }
        }

        return -1;
    }
}
