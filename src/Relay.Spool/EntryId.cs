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
