using Akka.Actor;
using Relay.Messages.Policies;

namespace Relay.Actors.Policy.Store;

/// <summary>One document on its way to an actor of this node, from whoever has it.</summary>
/// <param name="digest">The document's digest.</param>
/// <param name="length">Octets of the document.</param>
/// <param name="from">Who has it.</param>
/// <param name="self">Who gets the pieces.</param>
/// <param name="time">The clock.</param>
internal sealed class DocumentFetch(string digest, int length, ICanTell from, IActorRef self, TimeProvider time)
{
    private readonly PieceBuffer _pieces = new(digest, length);
    private long _came = time.GetTimestamp();
    private long _asked = time.GetTimestamp();

    /// <summary>The document's digest.</summary>
    public string Digest => _pieces.Digest;

    /// <summary>True when every piece is there.</summary>
    public bool IsComplete => _pieces.IsComplete;

    /// <summary>The document, once it is complete; null when it is not what the digest says.</summary>
    public byte[]? Document => _pieces.Document;

    /// <summary>Asks for the first pieces.</summary>
    public void Begin() => Ask(_pieces.Begin());

    /// <summary>Takes a piece, and asks for the next.</summary>
    public void Take(DocumentMessages.Piece piece)
    {
        if (_pieces.TryAdd(piece, out var next))
        {
            _came = _asked = time.GetTimestamp();
            if (next is not null)
            {
                from.Tell(next, self);
            }
        }
    }

    /// <summary>Asks again for what has not come.</summary>
    /// <returns>False when nothing has come for too long: a large document over a slow path is not late while its pieces come.</returns>
    public bool TryGoOn(StoreTimes times)
    {
        if (time.GetElapsedTime(_came) > times.Fetch)
        {
            return false;
        }

        if (time.GetElapsedTime(_asked) > times.Retry)
        {
            _asked = time.GetTimestamp();
            Ask(_pieces.Again());
        }

        return true;
    }

    private void Ask(IEnumerable<DocumentMessages.AskPiece> pieces)
    {
        foreach (var piece in pieces)
        {
            from.Tell(piece, self);
        }
    }
}
