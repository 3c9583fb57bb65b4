using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Relay.Actors.Cluster;
using Relay.Messages.Greylisting;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Carries what a node and the budgets say to each other into the cluster's system and back, and counts the nodes that share the limits.</summary>
/// <remarks>It opens when every shard, and then a budget here and there, has answered once, or after <see cref="OpensAfter"/>: the first mails wait neither for shards to be
/// placed nor for code to be compiled.</remarks>
public sealed class LimitGatewayActor : ReceiveActor, IWithTimers
{
    /// <summary>Longest wait for all shards to answer.</summary>
    public static readonly TimeSpan OpensAfter = TimeSpan.FromSeconds(10);

    /// <summary>How often it is counted which shards live here.</summary>
    public static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private const string ProbeTimer = "probe";
    private const string CountTimer = "count";
    private const string TriesOf = "+try ";
    private const int Tries = 12;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(250);

    private readonly HashSet<UniqueAddress> _nodes = [];
    private readonly HashSet<int> _unplaced = [.. Enumerable.Range(0, LimitMessages.Shards)];
    private readonly LimitAgent _agent;
    private readonly IActorRef _region;
    private readonly ShardSeed _seed;
    private readonly string _role;
    private HashSet<string> _here = [];
    private int _probes;
    private int _tries;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public LimitGatewayActor(LimitAgent agent, IActorRef region, ShardSeed seed, string role)
    {
        _agent = agent;
        _region = region;
        _seed = seed;
        _role = role;
        Receive<IBudgetMessage>(message => _region.Tell(message, Self));
        Receive<LimitMessages.TokensAnswered>(OnAnswered);
        Receive<Lend>(lend => OnLend(lend.Loan));
        Receive<AskOthers>(ask => OnAskOthers(new LimitMessages.LoanWanted(ask.Key)));
        Receive<LimitMessages.LoanWanted>(OnLoanWanted);
        Receive<LimitMessages.TokensLent>(OnLent);
        Receive<LimitMessages.LoanHeld>(_agent.Leases.Loans.Held);
        Receive<GreylistMessages.TripletCame>(came => _region.Tell(came, Self));
        Receive<GreylistMessages.TripletJudged>(_agent.Greylist.Judged);
        Receive<LimitMessages.ShardProbed>(probed => OnProbed(probed.Shard));
        Receive<Probe>(_ => OnProbe());
        Receive<CountShards>(_ => _region.Tell(GetShardRegionStats.Instance));
        Receive<ShardRegionStats>(OnStats);
        Receive<ClusterEvent.MemberRemoved>(removed => Count(_nodes.Remove(removed.Member.UniqueAddress)));
        Receive<ClusterEvent.MemberDowned>(downed => OnAway(downed.Member));
        Receive<ClusterEvent.UnreachableMember>(unreachable => OnAway(unreachable.Member));
        Receive<ClusterEvent.IMemberEvent>(change => Count(change.Member.HasRole(_role) && _nodes.Add(change.Member.UniqueAddress)));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    /// <param name="agent">What the node knows of limits.</param>
    /// <param name="region">The way to the budgets.</param>
    /// <param name="seed">Without it no budget can be found.</param>
    /// <param name="role">The role of the nodes that share the limits.</param>
    public static Props PropsFor(LimitAgent agent, IActorRef region, ShardSeed seed, string role) =>
        Props.Create(() => new LimitGatewayActor(agent, region, seed, role));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Akka.Cluster.Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.UnreachableMember));
        Timers.StartPeriodicTimer(CountTimer, CountShards.Instance, CountInterval);
        _seed.WhenKnown.PipeTo(Self, success: static () => Probe.Instance);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _agent.Detach();
        Akka.Cluster.Cluster.Get(Context.System).Unsubscribe(Self);
    }

    private void OnProbe()
    {
        if (_probes == 0)
        {
            Timers.StartPeriodicTimer(ProbeTimer, Probe.Instance, ProbeInterval);
        }

        if (++_probes * ProbeInterval > OpensAfter)
        {
            Open();
            return;
        }

        foreach (var shard in _unplaced)
        {
            _region.Tell(new LimitMessages.ShardProbe(shard), Self);
        }
    }

    private void OnStats(ShardRegionStats stats)
    {
        _agent.Shards = stats.Stats.Count;
        // Who had a shard before knows for a moment only what its budgets owe: it is asked before a budget is.
        foreach (var shard in stats.Stats.Keys.Where(shard => !_here.Contains(shard)))
        {
            _region.Tell(new LimitMessages.ShardProbe(ShardSeed.NumberOf(shard)), Self);
        }

        _here = [.. stats.Stats.Keys];
    }

    private void OnProbed(int shard)
    {
        if (_unplaced.Remove(shard) && _unplaced.Count == 0)
        {
            Try();
        }
    }

    // Keys of a limit that no policy can have, in shards by chance: some of them are on other nodes.
    private void Try()
    {
        for (_tries = 0; _tries < Tries; _tries++)
        {
            _region.Tell(new LimitMessages.TokensWanted($"{TriesOf}{_tries}", -1, new LimitBudget(1, TimeSpan.FromSeconds(1), 1), 1, 1), Self);
        }
    }

    private void OnAnswered(LimitMessages.TokensAnswered answer)
    {
        if (!answer.Key.StartsWith(TriesOf, StringComparison.Ordinal))
        {
            _agent.Desk?.Tell(new LimitDeskActor.Answered(answer, Sender.Path.Address.HasLocalScope));
        }
        else if (--_tries == 0)
        {
            Open();
        }
    }

    // Each gets the same part. Where nobody is, it stays here.
    private void OnLend(LimitMessages.TokensLent loan)
    {
        var others = Others();
        if (others.Count == 0)
        {
            _agent.Leases.Loans.Came(loan);
            return;
        }

        for (var i = 0; i < others.Count; i++)
        {
            var part = ((i + 1) * loan.Tokens / others.Count) - (i * loan.Tokens / others.Count);
            others[i].Tell(loan with { Tokens = part }, Self);
        }
    }

    private void OnLent(LimitMessages.TokensLent loan)
    {
        if (loan.Tokens == 0)
        {
            Sender.Tell(_agent.Leases.Loans.Prolonged(loan), Self);
        }
        else
        {
            _agent.Desk?.Tell(loan);
        }
    }

    private void OnLoanWanted(LimitMessages.LoanWanted wanted)
    {
        if (_agent.Leases.Loans.Give(wanted.Key) is { } loan)
        {
            Sender.Tell(loan, Self);
        }
    }

    private void OnAway(Member member)
    {
        if (member.HasRole(_role))
        {
            _agent.Leases.Loans.KeepAll();
        }
    }

    private void OnAskOthers(LimitMessages.LoanWanted wanted)
    {
        foreach (var other in Others())
        {
            other.Tell(wanted, Self);
        }
    }

    private static List<ActorSelection> Others() =>
    [
        .. ClusterRoles.ReachableRelays(Akka.Cluster.Cluster.Get(Context.System))
            .Select(static other => Context.ActorSelection($"{other.Address}/user/{ActorNames.LimitGateway}")),
    ];

    private void Open()
    {
        Timers.Cancel(ProbeTimer);
        _agent.Attach(Self);
    }

    private void Count(bool isChanged)
    {
        if (isChanged)
        {
            _agent.Nodes.Set(_nodes.Count);
        }
    }

    /// <summary>Lends tokens to the other nodes.</summary>
    /// <param name="Loan">What all of them get together.</param>
    public sealed record Lend(LimitMessages.TokensLent Loan);

    /// <summary>Asks the other nodes for what they have of a key.</summary>
    /// <param name="Key">The budget's key.</param>
    public sealed record AskOthers(string Key);

    private sealed record CountShards
    {
        public static readonly CountShards Instance = new();
    }

    private sealed record Probe
    {
        public static readonly Probe Instance = new();
    }
}
