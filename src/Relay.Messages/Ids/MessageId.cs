using System.Diagnostics.CodeAnalysis;

namespace Relay.Messages.Ids;

/// <summary>The name of one accepted message: unique over nodes and time, and not changed by a move inside the spool.</summary>
/// <param name="Owner">The random number of the spool that accepted it.</param>
/// <param name="Sequence">The place in that spool's life: incarnation and counter. Never used twice.</param>
public readonly record struct MessageId(ulong Owner, ulong Sequence) : IComparable<MessageId>
{
    /// <summary>Length of the text form, in characters.</summary>
    public const int TextLength = 26;

    private const int CharactersPerNumber = TextLength / 2;
    private const int BitsPerCharacter = 5;
    // Crockford's base 32: no i, l, o or u, so an id survives being read out over the telephone.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>26 lower-case characters of Crockford's base 32, the owner's 13 first; sorts as the numbers do.</summary>
    public override string ToString() => string.Create(TextLength, this, static (text, id) =>
    {
        Write(id.Owner, text[..CharactersPerNumber]);
        Write(id.Sequence, text[CharactersPerNumber..]);
    });

    /// <summary>Reads the text form.</summary>
    /// <returns>False when <paramref name="text"/> is not exactly what <see cref="ToString"/> writes.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out MessageId id)
    {
        id = default;
        if (text is not { Length: TextLength }
            || !TryRead(text.AsSpan(0, CharactersPerNumber), out var owner)
            || !TryRead(text.AsSpan(CharactersPerNumber), out var sequence))
        {
            return false;
        }

        id = new MessageId(owner, sequence);
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

    private static void Write(ulong number, Span<char> text)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(number & 31)];
            number >>= BitsPerCharacter;
        }
    }

    private static bool TryRead(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0 || number >> (64 - BitsPerCharacter) != 0)
            {
                return false;
            }

            number = (number << BitsPerCharacter) | (uint)digit;
        }

        return true;
    }
}
