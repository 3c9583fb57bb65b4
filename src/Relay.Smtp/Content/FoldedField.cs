namespace Relay.Smtp.Content;

/// <summary>Puts words into a header field and folds it between them (RFC 5322 sections 2.1.1 and 2.2.3).</summary>
/// <param name="octets">Takes the field; its owner bounds the words so that they fit.</param>
internal ref struct FoldedField(Span<byte> octets)
{
    private const int ColumnMax = 78;

    private readonly Span<byte> _octets = octets;
    private int _column;
    private bool _isFoldDue;

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a word behind a space, or on a new line when it would exceed the 78th column.</summary>
    public void Word(scoped ReadOnlySpan<byte> word)
    {
        if (_isFoldDue || (_column > 1 && _column + 1 + word.Length > ColumnMax))
        {
            Put("\r\n\t"u8);
            _column = 1;
            _isFoldDue = false;
        }
        else if (_column > 0)
        {
            Put(" "u8);
        }

        Put(word);
    }

    /// <summary>Writes octets directly behind the last word.</summary>
    public void Mark(scoped ReadOnlySpan<byte> mark) => Put(mark);

    /// <summary>Begins a new line before the next word.</summary>
    public void Fold() => _isFoldDue = true;

    /// <summary>Writes text that may hold spaces of its own, and the field's end.</summary>
    public void End(scoped ReadOnlySpan<byte> text)
    {
        Word(text);
        Put("\r\n"u8);
    }

    private void Put(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_octets[Length..]);
        Length += text.Length;
        _column += text.Length;
    }
}
