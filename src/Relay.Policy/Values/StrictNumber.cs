namespace Relay.Policy.Values;

/// <summary>Whole numbers as people write them: ASCII digits only, without sign, separators or leading zeros.</summary>
internal static class StrictNumber
{
    /// <summary>Longest number taken, in digits: every such number fits a <see cref="long"/>.</summary>
    public const int DigitsMax = 18;

    /// <summary>Reads <paramref name="text"/>, all of it, as a number from 0 to 10^18 - 1.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > DigitsMax || (text.Length > 1 && text[0] == '0'))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return true;
    }

    /// <summary>How many ASCII digits <paramref name="text"/> begins with.</summary>
    public static int CountDigits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }
}
