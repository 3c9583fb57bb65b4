using System.Globalization;
using System.Text;

namespace Relay.Policy.Values;

/// <summary>Text from a document, made fit for an error message: short, on one line, without anything a terminal or a log acts on.</summary>
internal static class ErrorText
{
    /// <summary>Longest piece of the document shown, in UTF-16 characters.</summary>
    public const int ShownMax = 60;

    /// <summary>The text in double quotes; control and format characters as <c>\u001b</c>, cut after <see cref="ShownMax"/>.</summary>
    public static string Quote(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, ShownMax)))
        {
            if (c is '"' or '\\')
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

        return shown.Append(text.Length > ShownMax ? "…\"" : "\"").ToString();
    }
}
