using Akka.Actor;
using Akka.Cluster;
using Relay.Actors.Cluster;
using Relay.Messages.Reputation;

namespace Relay.Actors.Reputation;

/// <summary>Tells all other nodes once a second which clients were refused here, and learns it from them: one message a node, however many refusals.</summary>
/// <remarks>When a node joins, the penalties that are on are told again.</remarks>
public sealed class ReputationActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two messages to each other node.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    /// <summary>After a node has joined, until it is told: it may have no ear before.</summary>
    public static readonly TimeSpan TellJoinedAfter = TimeSpan.FromSeconds(5);

    private const string TellTimer = "tell";
    private const string JoinedTimer = "joined";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IReputation _reputation;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ReputationActor(IReputation reputation)
    {
        _reputation = reputation;
        Receive<ReputationMessages.RefusalsTold>(told => _reputation.Learn(told.Refusals));
        Receive<Tell>(_ => OnTell());
        Receive<ClusterEvent.MemberUp>(OnUp);
        Receive<TellAgain>(_ => _reputation.TellAgain());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    /// <param name="reputation">What this node knows.</param>
    public static Props PropsFor(IReputation reputation) => Props.Create(() => new ReputationActor(reputation));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(TellTimer, Tell.Instance, TellInterval);
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnUp(ClusterEvent.MemberUp up)
    {
        if (up.Member.HasRole(ClusterRoles.Relay) && up.Member.UniqueAddress != _cluster.SelfUniqueAddress)
        {
            Timers.StartSingleTimer(JoinedTimer, TellAgain.Instance, TellJoinedAfter);
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
        // Only nodes that relay mail have clients.
        foreach (var other in ClusterRoles.OtherRelays(_cluster))
        {
            Context.ActorSelection($"{other.Address}/user/{ActorNames.Reputation}").Tell(told);
        }
    }

    private sealed record TellAgain
    {
        public static readonly TellAgain Instance = new();
    }

    private sealed record Tell
    {
        public static readonly Tell Instance = new();
    }
}
