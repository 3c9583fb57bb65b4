using Akka.Actor;
using Relay.Messages.Policies;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Actors.Policy.Store;

/// <summary>Carries one proposal to the store, wherever that is, and waits for its answer.</summary>
public sealed class ProposerActor : ReceiveActor, IWithTimers
{
    private readonly IActorRef _store;
    private readonly Proposal _proposal;
    private readonly StoreTimes _times;
    private readonly TaskCompletionSource<ProposalAnswer> _answer;
    private string _reason = "the store gave no answer";
    private bool _isUnderWay;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public ProposerActor(IActorRef store, Proposal proposal, ReadOnlyMemory<byte> document, StoreTimes times, TaskCompletionSource<ProposalAnswer> answer)
    {
        (_store, _proposal, _times, _answer) = (store, proposal, times, answer);
        Receive<AskPiece>(ask =>
        {
            _isUnderWay = true;
            Sender.Tell(Piece.Of(proposal.Digest, document, ask));
        });
        Receive<ProposalAnswer>(given => given.Id == proposal.Id, OnAnswer);
        Receive<Again>(_ => _store.Tell(_proposal));
        Receive<Late>(_ => End(NoAnswer()));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>Its Props.</summary>
    /// <param name="store">The store, wherever it is.</param>
    /// <param name="proposal">What is proposed.</param>
    /// <param name="document">The document itself.</param>
    /// <param name="times">The time limits.</param>
    /// <param name="answer">Gets the answer; always, even when the actor ends before there is one.</param>
    public static Props PropsFor(
        IActorRef store, Proposal proposal, ReadOnlyMemory<byte> document, StoreTimes times, TaskCompletionSource<ProposalAnswer> answer) =>
        Props.Create(() => new ProposerActor(store, proposal, document, times, answer));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Again.Instance, Again.Instance, TimeSpan.Zero, _times.Retry);
        Timers.StartSingleTimer(Late.Instance, Late.Instance, _times.Proposal);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _answer.TrySetResult(NoAnswer());

    private void OnAnswer(ProposalAnswer answer)
    {
        // The store may be on its way to another node, or another change may be on: there is time left.
        if (answer.Outcome == ProposalOutcome.NotReady)
        {
            _reason = answer.Reason;
            _isUnderWay = false;
            return;
        }

        End(answer);
    }

    private void End(ProposalAnswer answer)
    {
        _answer.TrySetResult(answer);
        Context.Stop(Self);
    }

    private ProposalAnswer NoAnswer() =>
        new(_proposal.Id, _isUnderWay ? ProposalOutcome.Unknown : ProposalOutcome.NotReady, 0, [], [], _reason);

    private sealed record Again
    {
        public static readonly Again Instance = new();
    }

    private sealed record Late
    {
        public static readonly Late Instance = new();
    }
}
