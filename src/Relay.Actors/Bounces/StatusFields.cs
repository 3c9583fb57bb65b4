using System.Text;

namespace Relay.Actors.Bounces;

/// <summary>Writes the fields of a delivery-status part: whatever a value holds, it stays the value of its field.</summary>
/// <param name="allowUtf8">False: what is not ASCII becomes a question mark (RFC 3464 section 2.1).</param>
internal sealed class StatusFields(bool allowUtf8)
{
    private const int ColumnMax = 78;
    private const int WordMax = 900; // so that no line exceeds the 998 octets of RFC 5322, whatever its characters are

    private readonly StringBuilder _text = new();

    /// <summary>True when values may hold characters outside ASCII.</summary>
    public bool AllowUtf8 { get; } = allowUtf8;

    /// <summary>Ends a block: what follows is about the next recipient.</summary>
    public void EndBlock() => _text.Append("\r\n");

    /// <summary>Writes a field on one line. A value that is too long for one is left out, since a cut address is another address.</summary>
    public void Add(string name, string value)
    {
        var line = DsnText.Clean(value, AllowUtf8);
        if (Encoding.UTF8.GetByteCount(line) <= DsnLimits.ValueOctetsMax)
        {
            _text.Append(name).Append(": ").Append(line).Append("\r\n");
        }
    }

    /// <summary>Writes a field of text for readers, cut to its limit and folded between its words.</summary>
    public void AddText(string name, string value)
    {
        _text.Append(name).Append(':');
        var column = name.Length + 1;
        foreach (var word in DsnText.OneLine(value, DsnLimits.DiagnosticMax, AllowUtf8).Split(' '))
        {
            foreach (var piece in Pieces(word))
            {
                if (column > name.Length + 1 && column + 1 + piece.Length > ColumnMax)
                {
                    _text.Append("\r\n");
                    column = 0;
                }

                _text.Append(' ').Append(piece);
                column += 1 + piece.Length;
            }
        }

        _text.Append("\r\n");
    }

    /// <summary>All of it in UTF-8.</summary>
    public byte[] ToOctets() => Encoding.UTF8.GetBytes(_text.ToString());

    private static IEnumerable<string> Pieces(string word)
    {
        var piece = new StringBuilder();
        var octets = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > WordMax)
            {
                yield return piece.ToString();
                piece.Clear();
                octets = 0;
            }

            piece.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }

        yield return piece.ToString();
    }
}
