using Relay.Messages.Calls;

namespace Relay.Actors.Calls;

/// <summary>Bytes that come piece by piece, in order. Pure.</summary>
internal sealed class Parcel
{
    private readonly byte[] _bytes;

    public Parcel(int length) => _bytes = new byte[length];

    /// <summary>Where the next piece begins.</summary>
    public int Offset { get; private set; }

    public bool IsWhole => Offset == _bytes.Length;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Takes a piece; one that is not the next one is passed over.</summary>
    /// <returns>True when it was the next one.</returns>
    public bool Take(CallMessages.Piece piece)
    {
        if (piece.Offset != Offset || piece.Bytes.Length == 0 || piece.Bytes.Length > _bytes.Length - Offset)
        {
            return false;
        }

        piece.Bytes.CopyTo(_bytes, Offset);
        Offset += piece.Bytes.Length;
        return true;
    }

    /// <summary>The piece of some bytes that begins at an offset; empty behind their end.</summary>
    public static CallMessages.Piece Cut(ReadOnlyMemory<byte> bytes, int offset)
    {
        var left = Math.Max(0, bytes.Length - offset);
        return new CallMessages.Piece(offset, left == 0 ? [] : [.. bytes.Span.Slice(offset, Math.Min(left, CallMessages.PieceBytesMax))]);
    }
}
