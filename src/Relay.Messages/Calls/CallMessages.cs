using System.Collections.Immutable;
using Relay.Messages.Wire;

namespace Relay.Messages.Calls;

/// <summary>One node has a request of its API answered by another. Bodies and answers go in pieces, one after another, each asked for.</summary>
public static class CallMessages
{
    /// <summary>Largest piece, in bytes: a message holds <see cref="RelaySerializer.MessageBytesMax"/>.</summary>
    public const int PieceBytesMax = 40_000;

    /// <summary>Largest body of a request, in bytes.</summary>
    public const int BodyBytesMax = 1 << 20;

    /// <summary>Largest answer, in bytes.</summary>
    public const int AnswerBytesMax = 64 << 20;

    /// <summary>Answer this. Told to a node's desk, which fetches the body (<see cref="PieceWanted"/>) and tells the sender <see cref="Answered"/>.</summary>
    /// <param name="Method">GET or POST.</param>
    /// <param name="Path">Path and query, from <c>/api/</c> on.</param>
    /// <param name="BodyBytes">How long the body is.</param>
    public sealed record NodeCall(string Method, string Path, int BodyBytes) : IWireMessage
    {
        /// <summary>Longest path with its query, in characters.</summary>
        public const int PathCharactersMax = 8_000;
    }

    /// <summary>The answer is there. Its sender is asked for it (<see cref="PieceWanted"/>).</summary>
    /// <param name="Status">The status of HTTP.</param>
    /// <param name="BodyBytes">How long the answer is.</param>
    public sealed record Answered(int Status, int BodyBytes) : IWireMessage;

    /// <summary>Send the piece that begins here. Answered with <see cref="Piece"/>.</summary>
    /// <param name="Offset">Bytes in front of it.</param>
    public sealed record PieceWanted(int Offset) : IWireMessage;

    /// <summary>A piece.</summary>
    /// <param name="Offset">Bytes in front of it.</param>
    /// <param name="Bytes">The piece, at most <see cref="PieceBytesMax"/>.</param>
    public sealed record Piece(int Offset, ImmutableArray<byte> Bytes) : IWireMessage;
}
