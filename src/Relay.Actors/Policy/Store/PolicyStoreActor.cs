using System.Security.Cryptography;
using Akka.Actor;
using Akka.Cluster;
using Relay.Actors.Cluster;
using Relay.Messages.Policies;
using static Relay.Messages.Policies.DocumentMessages;

namespace Relay.Actors.Policy.Store;

/// <summary>Decides on the versions of a shared document, for the whole cluster: the singleton behind <c>policy apply</c>.</summary>
/// <remarks>
/// It keeps nothing itself: a new one asks the keepers of a majority what they have, and is obeyed by them from then on instead of the one
/// before. One change at a time is agreed on by a majority; whoever was not there gets it later.
/// </remarks>
public sealed partial class PolicyStoreActor : ReceiveActor, IWithTimers
{
    private readonly StoreResources _its;
    private readonly NodeBook _nodes;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly long _writer = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly Queue<(Proposal Proposal, IActorRef From)> _waiting = new();
    private Gathering? _gathering;
    private DocumentFetch? _fetch;
    private Action<byte[]>? _fetched;
    private ChangeRound? _round;
    private StoredDocument? _current;
    private (Proposal Proposal, IActorRef From)? _proposal;
    private long _epoch;
    private long _proposedAt;
    private long _stepAt;
    private long _askedAt;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public PolicyStoreActor(StoreResources resources)
    {
        _its = resources;
        _nodes = new NodeBook(resources.Expected);
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (var member in state.Members)
            {
                Joined(member);
            }

            foreach (var member in state.Unreachable)
            {
                Reachable(member, false);
            }

            Gather(1);
        });
        Receive<ClusterEvent.MemberJoined>(_ => { });
        Receive<ClusterEvent.MemberRemoved>(gone => _nodes.Remove(gone.Member.Address));
        Receive<ClusterEvent.IMemberEvent>(changed => Joined(changed.Member));
        Receive<ClusterEvent.UnreachableMember>(lost => Reachable(lost.Member, false));
        Receive<ClusterEvent.ReachableMember>(back => Reachable(back.Member, true));
        Receive<Held>(OnHeld);
        Receive<StepDone>(OnStepDone);
        Receive<Piece>(OnPiece);
        Receive<AskPiece>(ask => Sender.Tell(PieceOf(ask)));
        Receive<Proposal>(OnProposal);
        Receive<AskStored>(_ => OnAskStored());
        Receive<Look>(_ => OnLook());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    private bool IsReady => _gathering is null && _round is not { IsRevival: true } && _epoch > 0 && (_fetch is null || _proposal is not null);

    /// <summary>Its Props.</summary>
    public static Props PropsFor(StoreResources resources) => Props.Create(() => new PolicyStoreActor(resources));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(Look.Instance, Look.Instance, _its.Times.Tick);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Joined(Member member)
    {
        if (member.Status is MemberStatus.Joining or MemberStatus.Removed || !ClusterRoles.IsNode(member) || _nodes.Find(member.Address) is not null)
        {
            return;
        }

        _nodes.Add(member.Address, member.HasRole(ClusterRoles.Relay));
        AskAgain();
    }

    private void Reachable(Member member, bool isReachable)
    {
        if (_nodes.Find(member.Address) is { } node)
        {
            node.IsReachable = isReachable;
            MoveOn();
        }
    }

    // Becomes the writer: from now on nobody obeys the one before.
    private void Gather(long epoch)
    {
        _epoch = epoch;
        _gathering = new Gathering(epoch, _writer);
        _round = null;
        _fetch = null;
        _stepAt = _its.Time.GetTimestamp();
        AskAgain();
    }

    private void OnHeld(Held held)
    {
        if (_nodes.Find(AddressOf(Sender)) is not { } node)
        {
            return;
        }

        (node.Name, node.InForce, node.Refuses) = (held.Node, held.InForce?.Version ?? 0, false);
        if (_gathering is { } gathering)
        {
            if (gathering.Take(node.Address, held, Sender) is { } epoch)
            {
                Gather(epoch);
            }

            MoveOn();
        }
        else if (IsReady)
        {
            // It asks what holds.
            Sender.Tell(new StepOrder(_epoch, _writer, DocumentStep.Commit, _current?.Head), Self);
        }
    }

    private void OnStepDone(StepDone done)
    {
        if (_nodes.Find(AddressOf(Sender)) is not { } node)
        {
            return;
        }

        node.Name = done.Node;
        if (done.Outcome == StepOutcome.Outdated)
        {
            // The same epoch is another writer's too, where two clusters began by themselves and are one now.
            if (done.Epoch >= _epoch && _gathering is null)
            {
                GiveUp($"{done.Node} obeys another store");
                Gather(done.Epoch + 1);
            }

            return;
        }

        if (done.Step == DocumentStep.Commit && done.Head is { } head)
        {
            node.Refuses = done.Outcome == StepOutcome.Refused;
            node.InForce = node.Refuses ? node.InForce : Math.Max(node.InForce, head.Version);
        }

        _round?.Answered(node, done, _its.Time.GetElapsedTime(_proposedAt));
        MoveOn();
    }

    private void MoveOn()
    {
        if (_gathering is { } gathering)
        {
            if (gathering.IsEnough(_nodes, IsLate(_its.Times.Gather)))
            {
                _gathering = null;
                Learn(gathering);
            }

            return;
        }

        while (_round is { } round)
        {
            switch (round.Next(_nodes, IsLate(round.Step == DocumentStep.Commit ? _its.Times.Acknowledge : _its.Times.Prepare)))
            {
                case RoundMove.Wait:
                    return;
                case RoundMove.Refuse:
                    _round = null;
                    Answer(id => new ProposalAnswer(id, ProposalOutcome.Refused, 0, [], round.Refusal!.Value.Errors, round.Refusal.Value.Node));
                    BeginNext();
                    return;
                case RoundMove.GiveUp:
                    GiveUp($"fewer than {_nodes.Majority} of {_nodes.Size} nodes answered");
                    Gather(_epoch + 1);
                    return;
                case RoundMove.Advance when round.Step == DocumentStep.Commit:
                    _round = null;
                    Answer(id => Done(round.Document.Head, round.Standing(_nodes)));
                    BeginNext();
                    return;
                default:
                    round.Advance();
                    _current = round.Step == DocumentStep.Commit ? round.Document : _current;
                    _stepAt = _its.Time.GetTimestamp();
                    AskAgain();
                    break;
            }
        }
    }

    // Knows what the nodes have. Its own copy is needed for those that lack it.
    private void Learn(Gathering gathering)
    {
        if (gathering.InForce() is var (head, keeper) && head is not null && _current?.Head.Version != head.Version)
        {
            Fetch(head, keeper, body =>
            {
                _current = new StoredDocument(head, body);
                Revive(gathering);
            });
            return;
        }

        Revive(gathering);
    }

    private void Revive(Gathering gathering)
    {
        if (gathering.LeftBehind() is var (head, keeper) && head is not null)
        {
            var anew = head with { Epoch = _epoch };
            Fetch(anew, keeper, body => BeginRound(new StoredDocument(anew, body), isRevival: true));
            return;
        }

        AskAgain();
        BeginNext();
    }

    private void OnLook()
    {
        if (_fetch is { } fetch && !fetch.TryGoOn(_its.Times))
        {
            FetchFailed("the document did not come");
        }

        MoveOn();
        if (_its.Time.GetElapsedTime(_askedAt) > _its.Times.Retry)
        {
            AskAgain();
        }
    }

    // Everybody who owes an answer; what is lost on the way is asked again with the next look.
    private void AskAgain()
    {
        _askedAt = _its.Time.GetTimestamp();
        foreach (var node in _nodes.All)
        {
            if (OwedBy(node) is { } question)
            {
                Context.ActorSelection(new RootActorPath(node.Address) / "user" / _its.Names.Keeper).Tell(question, Self);
            }
        }
    }

    private object? OwedBy(NodeEntry node)
    {
        if (_gathering is { } gathering)
        {
            return gathering.IsOwed(node) ? new AskHeld(_epoch, _writer) : null;
        }

        if (_round is { } round)
        {
            return round.IsOwed(node) ? new StepOrder(_epoch, _writer, round.Step, round.Document.Head) : null;
        }

        return _current is { } now && IsReady && node.InForce < now.Head.Version ? new StepOrder(_epoch, _writer, DocumentStep.Commit, now.Head) : null;
    }

    private Piece PieceOf(AskPiece ask)
    {
        var document = _round?.Document is { } on && on.Head.Digest == ask.Digest ? on : _current;
        return document is null ? new Piece(ask.Digest, ask.Offset, default) : Piece.Of(document.Head.Digest, document.Body, ask);
    }

    private bool IsLate(TimeSpan limit) => _its.Time.GetElapsedTime(_stepAt) > limit;

    private Address AddressOf(IActorRef actor) => actor.Path.Address.HasLocalScope ? _cluster.SelfAddress : actor.Path.Address;

    private sealed record Look
    {
        public static readonly Look Instance = new();
    }
}
