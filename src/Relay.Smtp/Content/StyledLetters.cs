using System.Text;

namespace Relay.Smtp.Content;

/// <summary>Letters and digits of ASCII in another dress, which Unicode has for mathematics and lists: names of hosts mean the plain ones (UTS 46).</summary>
/// <remarks>Those that stand in rows; the few that were in Unicode before their row was (such as U+210E) are not told.</remarks>
internal static class StyledLetters
{
    // Rows of A to Z and a to z, one for each style; then rows of 0 to 9.
    private const int MathLetters = 0x1D400;
    private const int MathLettersEnd = 0x1D6A4;
    private const int MathDigits = 0x1D7CE;
    private const int MathDigitsEnd = 0x1D800;

    // A to Z, then a to z, in circles.
    private const int Circled = 0x24B6;
    private const int CircledEnd = 0x24EA;

    private const int Alphabet = 26;

    /// <summary>The text with such letters and digits plain.</summary>
    public static string ToAscii(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            plain.Append(rune.Value switch
            {
                >= MathLetters and < MathLettersEnd => LetterAt((rune.Value - MathLetters) % (2 * Alphabet)),
                >= MathDigits and < MathDigitsEnd => (char)('0' + ((rune.Value - MathDigits) % 10)),
                >= Circled and < CircledEnd => LetterAt(rune.Value - Circled),
                _ => '\0',
            } is var found and not '\0' ? found.ToString() : rune.ToString());
        }

        return plain.ToString();
    }

    private static char LetterAt(int place) => (char)(place < Alphabet ? 'A' + place : 'a' + place - Alphabet);
}
