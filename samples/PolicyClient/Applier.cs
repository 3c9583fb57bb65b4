using Akka.Actor;
using Relay.Messages.Policies;
using static Relay.Messages.Policies.DocumentMessages;

namespace PolicyClient;

/// <summary>Asks the store which version is in force, proposes the next one, and hands over the document in pieces.</summary>
internal sealed class Applier : ReceiveActor
{
    private const int TriesMax = 30;

    public Applier(IActorRef store, byte[] policy, TaskCompletionSource<ProposalAnswer> applied)
    {
        Proposal? proposal = null;
        var (tries, reason) = (0, "the cluster does not answer");
        Receive<StoredVersion>(now => store.Tell(proposal ??= Proposal.Of(policy, now.Version, "PolicyClient")));
        Receive<AskPiece>(ask => Sender.Tell(Piece.Of(DocumentHead.DigestOf(policy), policy, ask)));
        Receive<ProposalAnswer>(answer => answer.Outcome == ProposalOutcome.NotReady, answer => reason = answer.Reason);
        Receive<ProposalAnswer>(answer => applied.TrySetResult(answer));
        // Not answered, or not ready yet: asked again. A proposal that is sent twice is still one.
        Receive<ReceiveTimeout>(_ => ++tries > TriesMax, _ => applied.TrySetResult(new ProposalAnswer("", ProposalOutcome.NotReady, 0, [], [], reason)));
        Receive<ReceiveTimeout>(_ => store.Tell(proposal is null ? AskStored.Instance : proposal));
        Context.SetReceiveTimeout(TimeSpan.FromSeconds(1));
        store.Tell(AskStored.Instance);
    }
}
