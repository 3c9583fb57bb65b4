using System.Runtime.InteropServices;
using Google.Protobuf;
using Relay.Messages.Calls.Proto;
using Relay.Messages.Wire;

namespace Relay.Messages.Calls;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class CallWire
{
    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<CallMessages.NodeCall, WireNodeCall>("ncl", Write, WireNodeCall.Parser, Read),
        WireType.For<CallMessages.Answered, WireAnswered>("nca", Write, WireAnswered.Parser, Read),
        WireType.For<CallMessages.PieceWanted, WirePieceWanted>("ncw", Write, WirePieceWanted.Parser, Read),
        WireType.For<CallMessages.Piece, WirePiece>("ncp", Write, WirePiece.Parser, Read),
    ];

    private static WireNodeCall Write(CallMessages.NodeCall call) => new() { Method = call.Method, Path = call.Path, BodyBytes = call.BodyBytes };

    private static CallMessages.NodeCall Read(WireNodeCall form) => form.Path.Length <= CallMessages.NodeCall.PathCharactersMax
        ? new CallMessages.NodeCall(form.Method, form.Path, NotNegative(form.BodyBytes))
        : throw new FormatException("a path that is too long");

    private static WireAnswered Write(CallMessages.Answered answered) => new() { Status = answered.Status, BodyBytes = answered.BodyBytes };

    private static CallMessages.Answered Read(WireAnswered form) => new(form.Status, NotNegative(form.BodyBytes));

    private static WirePieceWanted Write(CallMessages.PieceWanted wanted) => new() { Offset = wanted.Offset };

    private static CallMessages.PieceWanted Read(WirePieceWanted form) => new(NotNegative(form.Offset));

    private static WirePiece Write(CallMessages.Piece piece) => new()
    {
        Offset = piece.Offset,
        Bytes = UnsafeByteOperations.UnsafeWrap(ImmutableCollectionsMarshal.AsArray(piece.Bytes)),
    };

    private static CallMessages.Piece Read(WirePiece form) => new(NotNegative(form.Offset), ImmutableCollectionsMarshal.AsImmutableArray(form.Bytes.ToByteArray()));

    private static int NotNegative(int value) => value >= 0 ? value : throw new FormatException("a length below zero");
}
