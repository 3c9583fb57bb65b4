using Relay.Messages.Policies;

namespace Relay.Actors.Policy.Store;

/// <summary>Puts a document together from its pieces: a few are asked for at once, in whatever order they come.</summary>
internal sealed class PieceBuffer
{
    /// <summary>Pieces that are on their way at once: more would hold up the heartbeats that go the same way.</summary>
    public const int Window = 4;

    private readonly byte[] _octets;
    private readonly bool[] _have;
    private int _asked;
    private int _count;

    /// <summary>Nothing has come yet.</summary>
    /// <param name="digest">The document's digest.</param>
    /// <param name="length">Octets of the document.</param>
    public PieceBuffer(string digest, int length)
    {
        Digest = digest;
        _octets = new byte[length];
        _have = new bool[(length + DocumentMessages.PieceBytes - 1) / DocumentMessages.PieceBytes];
    }

    /// <summary>The document's digest.</summary>
    public string Digest { get; }

    /// <summary>True when every piece is there.</summary>
    public bool IsComplete => _count == _have.Length;

    /// <summary>The document, once it is complete; null when its octets are not what the digest says.</summary>
    public byte[]? Document => DocumentHead.DigestOf(_octets) == Digest ? _octets : null;

    /// <summary>The pieces to ask for at first.</summary>
    public IEnumerable<DocumentMessages.AskPiece> Begin()
    {
        _asked = Math.Min(Window, _have.Length);
        return Enumerable.Range(0, _asked).Select(Ask);
    }

    /// <summary>The pieces to ask for again: those that were asked for and did not come, or else the next.</summary>
    public IEnumerable<DocumentMessages.AskPiece> Again() =>
        Enumerable.Range(0, _have.Length).Where(index => !_have[index]).Take(Window).Select(Ask);

    /// <summary>Takes a piece.</summary>
    /// <param name="piece">Any piece that has come.</param>
    /// <param name="next">The piece to ask for now; null for none.</param>
    /// <returns>False when it is none of this document, of another size, or there already.</returns>
    public bool TryAdd(DocumentMessages.Piece piece, out DocumentMessages.AskPiece? next)
    {
        next = null;
        var (index, rest) = Math.DivRem(piece.Offset, DocumentMessages.PieceBytes);
        if (piece.Digest != Digest || rest != 0 || index < 0 || index >= _have.Length || _have[index]
            || piece.Octets.Length != Math.Min(DocumentMessages.PieceBytes, _octets.Length - piece.Offset))
        {
            return false;
        }

        piece.Octets.CopyTo(_octets.AsMemory(piece.Offset));
        _have[index] = true;
        _count++;
        next = _asked < _have.Length ? Ask(_asked++) : null;
        return true;
    }

    private DocumentMessages.AskPiece Ask(int index) => new(Digest, index * DocumentMessages.PieceBytes);
}
