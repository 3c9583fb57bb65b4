using System.Globalization;
using System.Text;

namespace Relay.Node.Settings;

/// <summary>Text of others, made fit for a terminal or a log: a peer's reply or a file must not move a cursor or fake a line.</summary>
internal static class ShownText
{
    /// <summary>Longest text shown in quotes, in UTF-16 units.</summary>
    public const int QuotedMax = 80;

    /// <summary>The text with control and format characters as <c>\u001b</c>.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsHarmful))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsHarmful(c))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.ToString();
    }

    /// <summary>The same for a text of several lines, which stay lines.</summary>
    public static string CleanLines(string text) => string.Join('\n', text.Split('\n').Select(Clean));

    /// <summary>The text clean and in double quotes, cut after <see cref="QuotedMax"/>.</summary>
    public static string Quote(string text) =>
        text.Length > QuotedMax ? $"\"{Clean(text[..QuotedMax])}…\"" : $"\"{Clean(text)}\"";

    /// <summary>True for a character that a terminal or a log acts on: control and format characters, and separators of lines.</summary>
    public static bool IsHarmful(char c) => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
