using Akka.Actor;
using Akka.Cluster;
using Relay.Messages.Reputation;

namespace Relay.Actors.Reputation;

/// <summary>Tells all other nodes once a second which clients were refused here, and learns it from them: one message a node, however many refusals.</summary>
public sealed class ReputationActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two messages to each other node.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private const string TellTimer = "tell";

    private readonly HashSet<UniqueAddress> _others = [];
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IReputation _reputation;
    private readonly string _role;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ReputationActor(IReputation reputation, string role)
    {
        _reputation = reputation;
        _role = role;
        Receive<ReputationMessages.RefusalsTold>(told => _reputation.Learn(told.Refusals));
        Receive<Tell>(_ => OnTell());
        Receive<ClusterEvent.MemberRemoved>(removed => _others.Remove(removed.Member.UniqueAddress));
        Receive<ClusterEvent.IMemberEvent>(change => OnMember(change.Member));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    /// <param name="reputation">What this node knows.</param>
    /// <param name="role">The role of the nodes that have clients.</param>
    public static Props PropsFor(IReputation reputation, string role) => Props.Create(() => new ReputationActor(reputation, role));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(TellTimer, Tell.Instance, TellInterval);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnMember(Member member)
    {
        if (member.HasRole(_role) && !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            _others.Add(member.UniqueAddress);
        }
    }

    private void OnTell()
    {
        var news = _reputation.TakeNews(ReputationMessages.ClientsMax);
        if (news.IsEmpty)
        {
            return;
        }

        var told = new ReputationMessages.RefusalsTold(news);
        foreach (var other in _others)
        {
            Context.ActorSelection($"{other.Address}/user/{ActorNames.Reputation}").Tell(told);
        }
    }

    private sealed record Tell
    {
        public static readonly Tell Instance = new();
    }
}
