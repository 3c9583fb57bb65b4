using System.Globalization;
using System.Text;
using Relay.Node.Settings;

namespace Relay.Node.Logging;

/// <summary>Makes what strangers said safe to write into a log: no line ends, no escape sequences, no endless text.</summary>
internal static class LogText
{
    /// <summary>Longest text written of one value, in characters; the rest is cut and marked.</summary>
    public const int LengthMax = 256;

    private const string Cut = "...";

    /// <summary>An address between angle brackets: as <see cref="Safe"/>, and without what would end it or begin another field of the line.</summary>
    public static string Address(string? text)
    {
        var safe = Safe(text);
        return safe.AsSpan().ContainsAny(' ', '<', '>')
            ? safe.Replace(" ", "\\u0020", StringComparison.Ordinal)
                .Replace("<", "\\u003c", StringComparison.Ordinal)
                .Replace(">", "\\u003e", StringComparison.Ordinal)
            : safe;
    }

    /// <summary>The text with control characters, quotes and backslashes escaped, cut to a length.</summary>
    /// <param name="text">The text; null is an empty one.</param>
    /// <param name="lengthMax">The length, in characters.</param>
    public static string Safe(string? text, int lengthMax = LengthMax)
    {
        if (text is null)
        {
            return string.Empty;
        }

        if (text.Length <= lengthMax && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.AsSpan().ContainsAny('"', '\\'))
        {
            return text;
        }

        var safe = new StringBuilder(Math.Min(text.Length, lengthMax) + Cut.Length);
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, lengthMax)))
        {
            if (character is '"' or '\\')
            {
                safe.Append('\\').Append(character);
            }
            else if (ShownText.IsHarmful(character))
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                safe.Append(character);
            }
        }

        return text.Length <= lengthMax ? safe.ToString() : safe.Append(Cut).ToString();
    }
}
