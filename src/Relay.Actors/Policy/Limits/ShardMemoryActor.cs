using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;
using Relay.Actors.Cluster;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Keeps, with the others of its kind, which shards have ever given tokens, and what they owed when the cluster moved them.</summary>
/// <remarks>
/// The first is in a replicated set that only grows. A shard is written to most nodes before its budgets give anything, and all nodes are read
/// when a shard begins: so one that began elsewhere before is never taken for new. Then the others are asked what it owed when it left
/// them; where none knows, its budgets begin empty, or with what nobody gave while the node that had them was dead.
/// </remarks>
public sealed class ShardMemoryActor : ReceiveActor, IWithTimers
{
    private const string ShardPrefix = "shard:";

    /// <summary>Of the replicated set.</summary>
    internal static readonly GSetKey<string> Key = new("relay-limits");

    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskTime = TimeSpan.FromMilliseconds(500);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<IActorRef, Beginner> _beginners = [];
    private readonly Dictionary<int, IActorRef> _here = [];
    private readonly Dictionary<int, IActorRef> _asking = [];
    private readonly LeftShards _left = new();
    private readonly LostNodes _lost = new();
    private readonly ShardBeginnings _beginnings;
    private readonly GrantedShards _granted;
    private readonly NodeCount _nodes;
    private readonly BudgetClock _clock;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ShardMemoryActor(ShardBeginnings beginnings, GrantedShards granted, NodeCount nodes, BudgetClock clock)
    {
        _nodes = nodes;
        _beginnings = beginnings;
        _granted = granted;
        _clock = clock;
        Receive<WhenBegan>(OnWhenBegan);
        Receive<Terminated>(ended => OnShardEnded(ended.ActorRef));
        Receive<BudgetEnded>(ended => _left.BudgetEnded(ended.Shard, LimitKeys.DigestOf(ended.Key), _clock.Read() + ended.UntilFull.Ticks));
        Receive<LimitMessages.ShardWanted>(OnWanted);
        Receive<LimitMessages.ShardLeft>(OnLeft);
        Receive<AskEnds>(ends => OnNobodyKnows(ends.Beginner));
        Receive<ClusterEvent.UnreachableMember>(lost => OnLost(lost.Member));
        Receive<ClusterEvent.MemberDowned>(lost => OnLost(lost.Member));
        Receive<ClusterEvent.ReachableMember>(found => _lost.Found(found.Member.Address));
        Receive<ClusterEvent.MemberRemoved>(removed => _lost.Removed(removed.Member.Address, _clock.Read()));
        Receive<IGetResponse>(OnRead);
        Receive<IUpdateResponse>(OnWritten);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(ShardBeginnings beginnings, GrantedShards granted, NodeCount nodes, BudgetClock clock) =>
        Props.Create(() => new ShardMemoryActor(beginnings, granted, nodes, clock));

    /// <inheritdoc/>
    protected override void PreStart() =>
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent), typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnLost(Member member)
    {
        _left.Forget();
        if (member.HasRole(ClusterRoles.Relay))
        {
            _lost.Lost(member.Address, _clock.Read());
        }
    }

    private void OnWhenBegan(WhenBegan question)
    {
        if (_beginnings.Find(question.Actor) is { } known)
        {
            Sender.Tell(known);
            return;
        }

        if (_beginners.TryGetValue(question.Actor, out var beginner))
        {
            beginner.Waiting.Add(Sender);
            return;
        }

        beginner = new Beginner(ShardSeed.NumberOf(question.Shard), question.Shard, question.Actor, _clock.Read());
        _here[beginner.Number] = question.Actor;
        beginner.Waiting.Add(Sender);
        _beginners.Add(question.Actor, beginner);
        Context.Watch(question.Actor);
        if (_granted.Has(question.Shard))
        {
            Ask(beginner);
        }
        else
        {
            _replicator.Tell(Dsl.Get(Key, new ReadAll(ReadTime), beginner));
        }
    }

    private void OnRead(IGetResponse read)
    {
        var beginner = (Beginner)read.Request!;
        // A read that failed leaves open whether the shard has given.
        if (read is GetFailure || (read.IsFound && read.Get(Key).Contains(ShardPrefix + beginner.Shard)))
        {
            Ask(beginner);
        }
        else
        {
            Write(beginner);
        }
    }

    private void Ask(Beginner beginner)
    {
        beginner.Beginning = new ShardBeginning(beginner.At, Ahead: _lost.SilentFor(beginner.At).Ticks / _nodes.Max);
        foreach (var other in ClusterRoles.ReachableRelays(_cluster))
        {
            Context.ActorSelection($"{other.Address}/user/{ActorNames.LimitMemory}").Tell(new LimitMessages.ShardWanted(beginner.Number));
            beginner.Asked.Add(other.Address);
        }

        if (beginner.Asked.Count == 0)
        {
            Write(beginner);
        }
        else
        {
            Timers.StartSingleTimer(beginner, new AskEnds(beginner), AskTime);
        }
    }

    private void OnWanted(LimitMessages.ShardWanted wanted)
    {
        if (_here.ContainsKey(wanted.Shard))
        {
            // It is just ending here.
            _asking[wanted.Shard] = Sender;
        }
        else
        {
            Sender.Tell(_left.Take(wanted.Shard, _clock.Read()));
        }
    }

    private void OnLeft(LimitMessages.ShardLeft left)
    {
        if (!_here.TryGetValue(left.Shard, out var actor) || !_beginners.TryGetValue(actor, out var beginner) || !beginner.Asked.Remove(Sender.Path.Address))
        {
            return;
        }

        if (left.IsKnown)
        {
            beginner.Beginning = LeftShards.BeginningOf(left, _clock.Read());
            beginner.Asked.Clear();
        }

        if (beginner.Asked.Count == 0)
        {
            OnNobodyKnows(beginner);
        }
    }

    private void OnNobodyKnows(Beginner beginner)
    {
        Timers.Cancel(beginner);
        if (_beginners.ContainsKey(beginner.Actor))
        {
            beginner.Asked.Clear();
            Write(beginner);
        }
    }

    private void Write(Beginner beginner)
    {
        _granted.Add(beginner.Shard);
        _replicator.Tell(Dsl.Update(Key, GSet<string>.Empty, new WriteMajority(WriteTime), beginner, set => set.Add(ShardPrefix + beginner.Shard)));
    }

    private void OnWritten(IUpdateResponse written)
    {
        if (written.Request is not Beginner beginner || !_beginners.ContainsKey(beginner.Actor))
        {
            return;
        }

        if (!written.IsSuccessful)
        {
            // Nothing may be given before most nodes know; meanwhile whoever asks goes by its share.
            _log.Warning("limits: shard {0} waits, most nodes cannot be told of it", beginner.Shard);
            Write(beginner);
            return;
        }

        _beginners.Remove(beginner.Actor);
        _beginnings.Add(beginner.Actor, beginner.Beginning);
        foreach (var budget in beginner.Waiting)
        {
            budget.Tell(beginner.Beginning);
        }
    }

    private void OnShardEnded(IActorRef shard)
    {
        var number = ShardSeed.NumberOf(shard.Path.Name);
        _left.ShardEnded(number, shard, _beginnings.Find(shard), _clock.Read());
        _beginners.Remove(shard);
        _beginnings.Remove(shard);
        if (_here.TryGetValue(number, out var current) && current.Equals(shard))
        {
            _here.Remove(number);
        }

        if (_asking.Remove(number, out var asking))
        {
            asking.Tell(_left.Take(number, _clock.Read()));
        }
    }

    /// <summary>Budget to memory: how did my shard begin here? Answered with <see cref="ShardBeginning"/>, once that is known.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Actor">Its actor, this life of it.</param>
    public sealed record WhenBegan(string Shard, IActorRef Actor);

    /// <summary>Budget to memory: I have ended, and am not full.</summary>
    /// <param name="Shard">The shard's actor.</param>
    /// <param name="Key">The budget's key.</param>
    /// <param name="UntilFull">How long until it would be full.</param>
    public sealed record BudgetEnded(IActorRef Shard, string Key, TimeSpan UntilFull);

    private sealed record AskEnds(Beginner Beginner);

    private sealed class Beginner(int number, string shard, IActorRef actor, long at)
    {
        public int Number { get; } = number;

        public string Shard { get; } = shard;

        public IActorRef Actor { get; } = actor;

        public long At { get; } = at;

        public List<IActorRef> Waiting { get; } = [];

        /// <summary>Nodes that have not answered yet.</summary>
        public HashSet<Address> Asked { get; } = [];

        public ShardBeginning Beginning { get; set; } = new(null);
    }
}
