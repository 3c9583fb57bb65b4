using System.Globalization;
using System.Text;

namespace Relay.Policy.Values;

/// <summary>Text from a document, made fit for an error message: short, on one line, without anything a terminal or a log acts
/// on.</summary>
internal static class ErrorText
{
    /// <summary>Longest piece of the document shown, in UTF-16 characters.</summary>
    public const int ShownMax = 60;

    /// <summary>The text in double quotes, cut after <see cref="ShownMax"/>, control and format characters as <c>\u001b</c>.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder("\"");
        Append(shown, text, ShownMax, escapeQuotes: true);
        return shown.Append('"').ToString();
    }

    /// <summary>The text without quotes around it, cut after <paramref name="charactersMax"/>, control and format characters as
    /// <c>\u001b</c>.</summary>
    public static string Clean(string text, int charactersMax)
    {
        var shown = new StringBuilder();
        Append(shown, text, charactersMax, escapeQuotes: false);
        return shown.ToString();
    }

    private static void Append(StringBuilder shown, string text, int charactersMax, bool escapeQuotes)
    {
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, charactersMax)))
        {
            if (escapeQuotes && (c is '"' or '\\'))
            {
                shown.Append('\\').Append(c);
            }
            else if (c is >= ' ' and <= '~' || char.IsLetterOrDigit(c))
            {
                shown.Append(c);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        if (text.Length > charactersMax)
        {
            shown.Append("...");
        }
    }
}
