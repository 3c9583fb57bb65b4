using System.Text.Encodings.Web;

namespace Relay.Node.CommandLine;

/// <summary>Writes printable ASCII as it is, for JSON that never stands in HTML, and escapes all else: what moves a cursor, turns text around or
/// hides in it must not reach a terminal.</summary>
internal sealed class PlainJsonEncoder : JavaScriptEncoder
{
    /// <summary>The only one.</summary>
    public static readonly PlainJsonEncoder Instance = new();

    private PlainJsonEncoder()
    {
    }

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => Default.MaxOutputCharactersPerInputCharacter;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or > '~' or '"' or '\\';

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var characters = new ReadOnlySpan<char>(text, textLength);
        for (var i = 0; i < characters.Length; i++)
        {
            if (WillEncode(characters[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        // The one makes \u0022 of a quote, the other leaves letters beyond ASCII as they are.
        (unicodeScalar == '"' ? UnsafeRelaxedJsonEscaping : Default)
            .TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
}
