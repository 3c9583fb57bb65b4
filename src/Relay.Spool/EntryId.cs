using System.Diagnostics.CodeAnalysis;

namespace Relay.Spool;

/// <summary>Names one entry of one spool for ever: never used twice, and not changed by compaction or a restart.</summary>
/// <param name="Owner">The spool that accepted the entry: a random number made with its folder.</param>
/// <param name="Sequence">The spool's incarnation in the upper 24 bits, a counter within it in the lower 40.</param>
public readonly record struct EntryId(ulong Owner, ulong Sequence)
{
    /// <summary>Length in characters of the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The 128 bits as 26 characters of lower-case Crockford base32, the owner first.</summary>
    public override string ToString() => string.Create(TextLength, this, static (text, id) => id.Format(text));

    /// <summary>Reads the text form; upper case is accepted too.</summary>
    /// <param name="text">26 characters of Crockford base32 that hold at most 128 bits.</param>
    /// <param name="id">The id, or default.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out EntryId id) => TryParse(text.AsSpan(), out id);

    /// <summary>Reads the text form; upper case is accepted too.</summary>
    /// <param name="text">26 characters of Crockford base32 that hold at most 128 bits.</param>
    /// <param name="id">The id, or default.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out EntryId id)
    {
        id = default;
        if (text.Length != TextLength)
        {
            return false;
        }

        var bits = UInt128.Zero;
        foreach (var character in text)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(character), StringComparison.Ordinal);
            // 26 characters hold 130 bits: the first may only use its lower three.
            if (value < 0 || bits >> 123 != 0)
            {
                return false;
            }

            bits = (bits << 5) | (UInt128)(uint)value;
        }

        id = new EntryId((ulong)(bits >> 64), (ulong)bits);
        return true;
    }

    private void Format(Span<char> text)
    {
        var bits = new UInt128(Owner, Sequence);
        for (var index = TextLength - 1; index >= 0; index--)
        {
            text[index] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }
    }
}
