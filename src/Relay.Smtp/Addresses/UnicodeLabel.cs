using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Smtp.Addresses;

/// <summary>Turns one U-label into its A-label (RFC 5890, RFC 5891), for labels that need no mapping.</summary>
/// <remarks>
/// The program runs without culture data, where IdnMapping is bare Punycode: it neither maps upper case and wide forms nor normalises, and
/// IsNormalized is always true. So two spellings of one name would become two names. Therefore only letters are taken that are lower case
/// or caseless, that normalisation form KC leaves alone and that combine with nothing: such a label is its own canonical form. Names that
/// need combining marks (Devanagari, Thai, …) are refused as U-labels; their A-labels are always accepted.
/// </remarks>
internal static class UnicodeLabel
{
    private static readonly IdnMapping Punycode = new() { UseStd3AsciiRules = true };

    // First and last of each range; within it, letters that are neither upper case nor title case. Sorted.
    private static readonly (char First, char Last)[] Ranges =
    [
        ('\u00DF', '\u00F6'), ('\u00F8', '\u0131'), ('\u0134', '\u013E'), ('\u0141', '\u0148'), ('\u014A', '\u017E'), // Latin
        ('\u0180', '\u01C3'), ('\u01CD', '\u01F0'), ('\u01F4', '\u02AF'), ('\u1E00', '\u1E99'), ('\u1E9C', '\u1EFF'),
        ('\u0390', '\u03CE'), // Greek
        ('\u0430', '\u052F'), // Cyrillic
        ('\u0561', '\u0586'), // Armenian
        ('\u05D0', '\u05EA'), // Hebrew
        ('\u0620', '\u063F'), ('\u0641', '\u064A'), ('\u0671', '\u0674'), ('\u0679', '\u06D3'), // Arabic
        ('\u10D0', '\u10FA'), // Georgian
        ('\u3041', '\u3096'), ('\u30A1', '\u30FA'), // Kana
        ('\u3400', '\u4DBF'), ('\u4E00', '\u9FFF'), // Han
        ('\uAC00', '\uD7A3'), // Hangul syllables
    ];

    /// <summary>Makes the A-label.</summary>
    /// <param name="label">A label with at least one character outside ASCII.</param>
    /// <param name="ascii">The A-label in lower case, or null when the label would need mapping or is not allowed.</param>
    public static bool TryToAscii(ReadOnlySpan<char> label, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        foreach (var c in label)
        {
            if (char.IsAscii(c) ? !char.IsAsciiLetterOrDigit(c) && c != '-' : !IsStable(c))
            {
                return false;
            }
        }

        // RFC 5891 section 4.2.3.1: "--" in the third place would read as another kind of label.
        if (label[0] == '-' || label[^1] == '-' || (label.Length > 3 && label[2] == '-' && label[3] == '-'))
        {
            return false;
        }

        try
        {
            ascii = Punycode.GetAscii(label.ToString().ToLowerInvariant());
            return true;
        }
        catch (ArgumentException)
        {
            return false; // longer than 63 octets, or left-to-right and right-to-left letters mixed
        }
    }

    private static bool IsStable(char c)
    {
        foreach (var (first, last) in Ranges)
        {
            if (c >= first && c <= last)
            {
                return char.GetUnicodeCategory(c) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter;
            }
        }

        return false;
    }
}
