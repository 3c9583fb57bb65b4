using System.Diagnostics.CodeAnalysis;

namespace Relay.Messages.Ids;

/// <summary>The name of one accepted message: unique over nodes and time, and not changed by a move inside the spool.</summary>
/// <param name="Owner">The random number of the spool that accepted it.</param>
/// <param name="Sequence">The place in that spool's life: incarnation and counter. Never used twice.</param>
public readonly record struct MessageId(ulong Owner, ulong Sequence) : IComparable<MessageId>
{
    /// <summary>Length of the text form, in characters.</summary>
    public const int TextLength = 26;

    private const int BitsPerCharacter = 5;
    // Crockford's base 32: no i, l, o or u, so an id survives being read out over the telephone.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The 128 bits as 26 lower-case characters of Crockford's base 32, the owner first, as the spool names its entries; sorts as the numbers do.</summary>
    public override string ToString() => string.Create(TextLength, new UInt128(Owner, Sequence), static (text, bits) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(bits & 31)];
            bits >>= BitsPerCharacter;
        }
    });

    /// <summary>Reads the text form.</summary>
    /// <returns>False when <paramref name="text"/> is not exactly what <see cref="ToString"/> writes.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out MessageId id)
    {
        id = default;
        if (text is not { Length: TextLength })
        {
            return false;
        }

        var bits = UInt128.Zero;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0 || bits >> (128 - BitsPerCharacter) != 0)
            {
                return false;
            }

            bits = (bits << BitsPerCharacter) | (uint)digit;
        }

        id = new MessageId((ulong)(bits >> 64), (ulong)bits);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(MessageId other) =>
        Owner != other.Owner ? Owner.CompareTo(other.Owner) : Sequence.CompareTo(other.Sequence);

    /// <summary>Orders by owner, then by age.</summary>
    public static bool operator <(MessageId left, MessageId right) => left.CompareTo(right) < 0;

    /// <summary>Orders by owner, then by age.</summary>
    public static bool operator >(MessageId left, MessageId right) => left.CompareTo(right) > 0;

    /// <summary>Orders by owner, then by age.</summary>
    public static bool operator <=(MessageId left, MessageId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by owner, then by age.</summary>
    public static bool operator >=(MessageId left, MessageId right) => left.CompareTo(right) >= 0;
}
