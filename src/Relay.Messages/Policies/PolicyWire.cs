using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Relay.Messages.Policies.Proto;
using Relay.Messages.Wire;
using Relay.Policy.Documents;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Messages.Policies;

/// <summary>The wire forms of this folder's messages.</summary>
internal static class PolicyWire
{
    // More than any document has, and few enough for a message.
    private const int ErrorsMax = PolicyParser.ErrorsMax + 1;
    private const int NodesMax = 1000;
    private const int DigestBytes = 32;

    /// <summary>All of them.</summary>
    public static readonly WireType[] Types =
    [
        WireType.For<AskHeld, WireAskHeld>("dah", m => new() { Epoch = m.Epoch, Writer = m.Writer }, WireAskHeld.Parser, f => new AskHeld(f.Epoch, f.Writer)),
        WireType.For<Held, WireHeld>("dh", Write, WireHeld.Parser, Read),
        WireType.For<StepOrder, WireStepOrder>("dso", Write, WireStepOrder.Parser, Read),
        WireType.For<StepDone, WireStepDone>("dsd", Write, WireStepDone.Parser, Read),
        WireType.For<AskPiece, WireAskPiece>(
            "dap", m => new() { Digest = Digest(m.Digest), Offset = m.Offset }, WireAskPiece.Parser, f => new AskPiece(Digest(f.Digest), f.Offset)),
        WireType.For<Piece, WirePiece>(
            "dp",
            m => new() { Digest = Digest(m.Digest), Offset = m.Offset, Octets = UnsafeByteOperations.UnsafeWrap(m.Octets) },
            WirePiece.Parser,
            f => new Piece(Digest(f.Digest), f.Offset, f.Octets.Memory)),
        WireType.For<Proposal, WireProposal>("dpr", Write, WireProposal.Parser, Read),
        WireType.For<ProposalAnswer, WireProposalAnswer>("dpa", Write, WireProposalAnswer.Parser, Read),
        WireType.For<AskStored, WireAskStored>("das", _ => new(), WireAskStored.Parser, _ => AskStored.Instance),
        WireType.For<StoredVersion, WireStored>(
            "ds", m => new() { Version = m.Version, Digest = Digest(m.Digest) }, WireStored.Parser, f => new StoredVersion(f.Version, Digest(f.Digest))),
    ];

    private static WireHeld Write(Held held) => new()
    {
        Node = held.Node,
        Relays = held.Relays,
        Epoch = held.Epoch,
        Writer = held.Writer,
        InForce = Write(held.InForce),
        Accepted = Write(held.Accepted),
    };

    private static Held Read(WireHeld form) =>
        new(Text(form.Node), form.Relays, form.Epoch, form.Writer, Read(form.InForce), Read(form.Accepted));

    private static WireStepOrder Write(StepOrder order) =>
        new() { Epoch = order.Epoch, Writer = order.Writer, Step = (int)order.Step, Head = Write(order.Head) };

    private static StepOrder Read(WireStepOrder form) =>
        new(form.Epoch, form.Writer, Known<DocumentStep>(form.Step), Read(form.Head));

    private static WireStepDone Write(StepDone done)
    {
        var form = new WireStepDone
        {
            Node = done.Node,
            Relays = done.Relays,
            Step = (int)done.Step,
            Head = Write(done.Head),
            Outcome = (int)done.Outcome,
            Epoch = done.Epoch,
        };
        form.Errors.AddRange(done.Errors.Select(Write));
        return form;
    }

    private static StepDone Read(WireStepDone form) => new(
        Text(form.Node),
        form.Relays,
        Known<DocumentStep>(form.Step),
        Read(form.Head),
        Known<StepOutcome>(form.Outcome),
        form.Epoch,
        Findings(form.Errors));

    private static WireProposal Write(Proposal proposal) => new()
    {
        Id = proposal.Id,
        BaseVersion = proposal.BaseVersion,
        Digest = Digest(proposal.Digest),
        Length = proposal.Length,
        By = proposal.By,
        Note = proposal.Note,
    };

    private static Proposal Read(WireProposal form) =>
        new(Text(form.Id), form.BaseVersion, Digest(form.Digest), Length(form.Length), Text(form.By), Text(form.Note));

    private static WireProposalAnswer Write(ProposalAnswer answer)
    {
        var form = new WireProposalAnswer { Id = answer.Id, Outcome = (int)answer.Outcome, Version = answer.Version, Reason = answer.Reason };
        form.Nodes.AddRange(answer.Nodes.Select(
            static node => new WireNodeInForce { Name = node.Name, InForce = node.IsInForce, Milliseconds = node.Milliseconds }));
        form.Errors.AddRange(answer.Errors.Select(Write));
        return form;
    }

    private static ProposalAnswer Read(WireProposalAnswer form) => new(
        Text(form.Id),
        Known<ProposalOutcome>(form.Outcome),
        form.Version,
        form.Nodes.Count <= NodesMax
            ? [.. form.Nodes.Select(static node => new NodeInForce(Text(node.Name), node.InForce, node.Milliseconds))]
            : throw new FormatException("too many nodes"),
        Findings(form.Errors),
        form.Reason);

    private static WireHead? Write(DocumentHead? head) => head is null ? null : new WireHead
    {
        Epoch = head.Epoch,
        Version = head.Version,
        Digest = Digest(head.Digest),
        Length = head.Length,
        Proposal = head.Proposal,
        By = head.By,
        Note = head.Note,
        AtUnixMilliseconds = head.At.ToUnixTimeMilliseconds(),
    };

    private static DocumentHead? Read(WireHead? form) => form is null ? null : new DocumentHead(
        form.Epoch,
        form.Version >= 1 ? form.Version : throw new FormatException("a version below 1"),
        form.Digest.IsEmpty ? throw new FormatException("a version without a digest") : Digest(form.Digest),
        Length(form.Length),
        Text(form.Proposal),
        Text(form.By),
        Text(form.Note),
        DateTimeOffset.FromUnixTimeMilliseconds(form.AtUnixMilliseconds));

    private static WireFinding Write(PolicyError error) => new() { Key = error.Key, Line = error.Line, Message = error.Message };

    private static ImmutableArray<PolicyError> Findings(RepeatedField<WireFinding> forms) => forms.Count <= ErrorsMax
        ? [.. forms.Select(static form => new PolicyError(form.Key, form.Line, form.Message))]
        : throw new FormatException("too many errors");

    private static ByteString Digest(string digest) => UnsafeByteOperations.UnsafeWrap(Convert.FromHexString(digest));

    private static string Digest(ByteString digest) => digest.Length is 0 or DigestBytes
        ? Convert.ToHexStringLower(digest.Span)
        : throw new FormatException("a digest of another length");

    private static int Length(int length) => length is >= 0 and <= DocumentHead.LengthMax ? length : throw new FormatException("a document that is too long");

    private static string Text(string text) => text.Length <= DocumentHead.TextMax ? text : throw new FormatException("a text that is too long");

    private static T Known<T>(int value)
        where T : struct, Enum => Enum.IsDefined((T)Enum.ToObject(typeof(T), value))
            ? (T)Enum.ToObject(typeof(T), value)
            : throw new FormatException($"{value} is no {typeof(T).Name}");
}
