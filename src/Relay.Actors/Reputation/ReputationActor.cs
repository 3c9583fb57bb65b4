using Akka.Actor;
using Relay.Actors.Cluster;
using Relay.Messages.Reputation;

namespace Relay.Actors.Reputation;

/// <summary>Tells all other nodes once a second which clients were refused here, and learns it from them: one message a node, however many refusals.</summary>
public sealed class ReputationActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two messages to each other node.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private const string TellTimer = "tell";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IReputation _reputation;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ReputationActor(IReputation reputation)
    {
        _reputation = reputation;
        Receive<ReputationMessages.RefusalsTold>(told => _reputation.Learn(told.Refusals));
        Receive<Tell>(_ => OnTell());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    /// <param name="reputation">What this node knows.</param>
    public static Props PropsFor(IReputation reputation) => Props.Create(() => new ReputationActor(reputation));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(TellTimer, Tell.Instance, TellInterval);

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

    private sealed record Tell
    {
        public static readonly Tell Instance = new();
    }
}
