using System.Collections.Immutable;
using Akka.Actor;
using Relay.Messages.Policies;
using Relay.Policy.Documents;

namespace Relay.Actors.Policy.Store;

/// <summary>One change on its way through its three steps: who has answered, and what that means.</summary>
internal sealed class ChangeRound
{
    private readonly Dictionary<Address, StepOutcome> _answers = [];
    private readonly Dictionary<Address, int> _milliseconds = [];
    private readonly NodeEntry[] _began;

    /// <summary>Begins with <see cref="DocumentStep.Offer"/>.</summary>
    /// <param name="document">The version to be agreed on.</param>
    /// <param name="isRevival">True for a version that a former writer may have got agreed on: no node's word stops it.</param>
    /// <param name="nodes">The nodes of the cluster: one that is removed while the change is on is told as one that lags.</param>
    public ChangeRound(StoredDocument document, bool isRevival, NodeBook nodes)
    {
        _began = [.. nodes.All];
        Document = document;
        IsRevival = isRevival;
    }

    /// <summary>The version.</summary>
    public StoredDocument Document { get; }

    /// <summary>True when it is finished for a former writer.</summary>
    public bool IsRevival { get; }

    /// <summary>The step that is on.</summary>
    public DocumentStep Step { get; private set; } = DocumentStep.Offer;

    /// <summary>Why a node refuses the document, and which one; null while none does.</summary>
    public (string Node, ImmutableArray<PolicyError> Errors)? Refusal { get; private set; }

    /// <summary>Takes a node's answer to the step that is on.</summary>
    public void Answered(NodeEntry node, DocumentMessages.StepDone done, TimeSpan sinceProposal)
    {
        if (done.Step != Step || done.Head?.Digest != Document.Head.Digest || done.Head.Version != Document.Head.Version)
        {
            return;
        }

        _answers[node.Address] = done.Outcome;
        if (done.Outcome == StepOutcome.Refused && Step == DocumentStep.Offer)
        {
            Refusal ??= (done.Node, done.Errors);
        }

        if (done.Outcome == StepOutcome.Done && Step == DocumentStep.Commit)
        {
            _milliseconds.TryAdd(node.Address, (int)Math.Min(sinceProposal.TotalMilliseconds, int.MaxValue));
        }
    }

    /// <summary>True when the node has not answered the step that is on.</summary>
    public bool IsOwed(NodeEntry node) => !_answers.ContainsKey(node.Address);

    /// <summary>What there is to do now.</summary>
    /// <param name="nodes">The nodes of the cluster.</param>
    /// <param name="isLate">True when the time of the step is up.</param>
    public RoundMove Next(NodeBook nodes, bool isLate)
    {
        var isHeard = nodes.All.All(node => !node.IsReachable || !IsOwed(node));
        switch (Step)
        {
            case DocumentStep.Offer when Refusal is not null && !IsRevival:
                return RoundMove.Refuse;
            case DocumentStep.Offer when isHeard || isLate:
                // Whoever was heard can take it: those that were not follow later.
                return _answers.Count >= nodes.Majority ? RoundMove.Advance : isLate ? RoundMove.GiveUp : RoundMove.Wait;
            case DocumentStep.Accept when _answers.Values.Count(static outcome => outcome == StepOutcome.Done) >= nodes.Majority:
                return RoundMove.Advance;
            case DocumentStep.Accept when isLate:
                return RoundMove.GiveUp;
            case DocumentStep.Commit when isLate || nodes.All.All(node => !node.Relays || !node.IsReachable || !IsOwed(node)):
                return RoundMove.Advance;
            default:
                return RoundMove.Wait;
        }
    }

    /// <summary>Goes on to the next step.</summary>
    public void Advance()
    {
        Step++;
        _answers.Clear();
    }

    /// <summary>Where the version is in force.</summary>
    public ImmutableArray<NodeInForce> Standing(NodeBook nodes) =>
        nodes.Standing(_began, node => _milliseconds.TryGetValue(node.Address, out var milliseconds) ? milliseconds : null);
}

/// <summary>What a change needs next.</summary>
internal enum RoundMove
{
    /// <summary>More answers.</summary>
    Wait,

    /// <summary>The next step; behind the last one the change is done.</summary>
    Advance,

    /// <summary>It is over: a node refuses the document.</summary>
    Refuse,

    /// <summary>It is over: too few nodes answered.</summary>
    GiveUp,
}
