using System.Collections.Immutable;
using Relay.Messages.Wire;
using Relay.Policy.Documents;

namespace Relay.Messages.Policies;

/// <summary>What crosses between the store of a shared document, its keeper on each node, and whoever changes it.</summary>
/// <remarks>
/// A change goes in three steps, each asked of all nodes: <see cref="DocumentStep.Offer"/>, <see cref="DocumentStep.Accept"/> and
/// <see cref="DocumentStep.Commit"/>. Whoever is asked and lacks the document fetches it from the asker in pieces.
/// </remarks>
public static class DocumentMessages
{
    /// <summary>Octets of one piece.</summary>
    public const int PieceBytes = 32_000;

    /// <summary>Asks a keeper what it has.</summary>
    /// <param name="Epoch">From now on it is to obey no writer of a lower epoch; 0 asks for nothing.</param>
    /// <param name="Writer">Who wants to write in that epoch.</param>
    public sealed record AskHeld(long Epoch, long Writer) : IWireMessage;

    /// <summary>What a keeper has: the answer to <see cref="AskHeld"/>, and what it says of itself until it has been told what holds.</summary>
    /// <param name="Node">The node's name.</param>
    /// <param name="Relays">True when the node relays mail; false for a witness.</param>
    /// <param name="Epoch">The epoch that it obeys.</param>
    /// <param name="Writer">Whom it obeys in that epoch.</param>
    /// <param name="InForce">What is in force; null without any.</param>
    /// <param name="Accepted">What is on its disk and not known to be agreed on; null without any.</param>
    public sealed record Held(string Node, bool Relays, long Epoch, long Writer, DocumentHead? InForce, DocumentHead? Accepted) : IWireMessage;

    /// <summary>Asks a keeper for one step.</summary>
    /// <param name="Epoch">The asker's epoch.</param>
    /// <param name="Writer">The asker.</param>
    /// <param name="Step">The step.</param>
    /// <param name="Head">The version it is about; null with <see cref="DocumentStep.Commit"/>: the cluster has none.</param>
    public sealed record StepOrder(long Epoch, long Writer, DocumentStep Step, DocumentHead? Head) : IWireMessage;

    /// <summary>The answer to a <see cref="StepOrder"/>.</summary>
    /// <param name="Node">The node's name.</param>
    /// <param name="Relays">True when the node relays mail.</param>
    /// <param name="Step">The step.</param>
    /// <param name="Head">The version it was about.</param>
    /// <param name="Outcome">What came of it.</param>
    /// <param name="Epoch">The epoch that the keeper obeys.</param>
    /// <param name="Errors">Why the document was refused; else empty.</param>
    public sealed record StepDone(
        string Node, bool Relays, DocumentStep Step, DocumentHead? Head, StepOutcome Outcome, long Epoch, ImmutableArray<PolicyError> Errors) : IWireMessage;

    /// <summary>Asks whoever has a document for a piece of it.</summary>
    /// <param name="Digest">The document's digest.</param>
    /// <param name="Offset">Where the piece begins.</param>
    public sealed record AskPiece(string Digest, int Offset) : IWireMessage;

    /// <summary>A piece of a document.</summary>
    /// <param name="Digest">The document's digest.</param>
    /// <param name="Offset">Where the piece begins.</param>
    /// <param name="Octets">At most <see cref="PieceBytes"/>; none when the document is not there.</param>
    public sealed record Piece(string Digest, int Offset, ReadOnlyMemory<byte> Octets) : IWireMessage
    {
        /// <summary>The piece of a document that was asked for: all that whoever proposes one has to answer.</summary>
        public static Piece Of(string digest, ReadOnlyMemory<byte> document, AskPiece ask)
        {
            ArgumentNullException.ThrowIfNull(ask);
            return ask.Digest == digest && ask.Offset >= 0 && ask.Offset < document.Length
                ? new Piece(digest, ask.Offset, document.Slice(ask.Offset, Math.Min(PieceBytes, document.Length - ask.Offset)))
                : new Piece(ask.Digest, ask.Offset, default);
        }
    }

    /// <summary>Proposes another document to the store, which fetches it from the sender by <see cref="AskPiece"/>.</summary>
    /// <param name="Id">Names the proposal; sent again with the same name it is still one.</param>
    /// <param name="BaseVersion">The version that it was made from: another one in force meanwhile makes it stale. 0 when there is none.</param>
    /// <param name="Digest">The document's digest.</param>
    /// <param name="Length">Octets of the document.</param>
    /// <param name="By">Who proposes it.</param>
    /// <param name="Note">Why; may be empty.</param>
    public sealed record Proposal(string Id, long BaseVersion, string Digest, int Length, string By, string Note) : IWireMessage
    {
        /// <summary>The proposal of a document.</summary>
        public static Proposal Of(ReadOnlySpan<byte> document, long baseVersion, string by, string note = "") =>
            new(Guid.NewGuid().ToString("N"), baseVersion, DocumentHead.DigestOf(document), document.Length, by, note);
    }

    /// <summary>What came of a proposal.</summary>
    /// <param name="Id">The proposal.</param>
    /// <param name="Outcome">What came of it.</param>
    /// <param name="Version">Done: its version. Stale: the version in force. Else 0.</param>
    /// <param name="Nodes">Done: all nodes that relay mail, those that ought to be in the cluster and are not included, and whether it is in force there.</param>
    /// <param name="Errors">Refused: why.</param>
    /// <param name="Reason">Not ready and unknown: the cause. Refused: the node that refused it.</param>
    public sealed record ProposalAnswer(
        string Id, ProposalOutcome Outcome, long Version, ImmutableArray<NodeInForce> Nodes, ImmutableArray<PolicyError> Errors, string Reason)
        : IWireMessage;

    /// <summary>Asks the store which version is in force; answered once the store knows.</summary>
    public sealed record AskStored : IWireMessage
    {
        /// <summary>The only one.</summary>
        public static readonly AskStored Instance = new();
    }

    /// <summary>The answer to <see cref="AskStored"/>.</summary>
    /// <param name="Version">The version in force; 0 when there is none.</param>
    /// <param name="Digest">The document's digest; empty when there is none.</param>
    public sealed record StoredVersion(long Version, string Digest) : IWireMessage;
}

/// <summary>One node, and whether a change is in force there.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="IsInForce">True when it is.</param>
/// <param name="Milliseconds">From the proposal to the node's word that it is in force; 0 when it is not.</param>
public sealed record NodeInForce(string Name, bool IsInForce, int Milliseconds);

/// <summary>A step of a change.</summary>
public enum DocumentStep
{
    /// <summary>Fetch and check it: nothing is changed yet.</summary>
    Offer = 1,

    /// <summary>Keep it on the disk, so that it outlives a majority of nodes.</summary>
    Accept = 2,

    /// <summary>Put it in force.</summary>
    Commit = 3,
}

/// <summary>What came of a step.</summary>
public enum StepOutcome
{
    /// <summary>It is done.</summary>
    Done = 1,

    /// <summary>The asker's epoch is over.</summary>
    Outdated = 2,

    /// <summary>The document is wrong, or this node cannot enforce it.</summary>
    Refused = 3,
}

/// <summary>What came of a proposal.</summary>
public enum ProposalOutcome
{
    /// <summary>It is agreed on, and in force on the nodes that say so.</summary>
    Done = 1,

    /// <summary>It was made from a version that is no longer in force. Nothing has changed.</summary>
    Stale = 2,

    /// <summary>The document has errors. Nothing has changed.</summary>
    Refused = 3,

    /// <summary>The store cannot decide now. Nothing has changed.</summary>
    NotReady = 4,

    /// <summary>Too few nodes answered: it may come into force later, or never.</summary>
    Unknown = 5,
}
