using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;

namespace Relay.Actors.Policy.Limits;

/// <summary>Keeps, with the others of its kind, which shards have ever given tokens, and the secret by which keys are spread over shards.</summary>
/// <remarks>
/// Both are in a replicated set that only grows. A shard is written to most nodes before its budgets give anything, and all nodes are read
/// when a shard begins: so one that began elsewhere before is never taken for new. Where that cannot be found out, its budgets begin empty.
/// </remarks>
public sealed class ShardMemoryActor : ReceiveActor, IWithTimers
{
    private const string SeedPrefix = "seed:";
    private const string ShardPrefix = "shard:";
    private const string SeedTimer = "seed";

    private static readonly GSetKey<string> Key = new("relay-limits");
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SeedInterval = TimeSpan.FromMilliseconds(250);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<IActorRef, Beginner> _beginners = [];
    private readonly ShardBeginnings _beginnings;
    private readonly GrantedShards _granted;
    private readonly ShardSeed _seed;
    private readonly BudgetClock _clock;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ShardMemoryActor(ShardBeginnings beginnings, GrantedShards granted, ShardSeed seed, BudgetClock clock)
    {
        _beginnings = beginnings;
        _granted = granted;
        _seed = seed;
        _clock = clock;
        Receive<WhenBegan>(OnWhenBegan);
        Receive<Terminated>(ended => OnShardEnded(ended.ActorRef));
        Receive<SeekSeed>(_ => _replicator.Tell(Dsl.Get(Key, new ReadMajority(ReadTime), SeekSeed.Instance)));
        Receive<Changed>(changed => OnSeeds(changed.Get(Key)));
        Receive<IGetResponse>(OnRead);
        Receive<IUpdateResponse>(OnWritten);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(ShardBeginnings beginnings, GrantedShards granted, ShardSeed seed, BudgetClock clock) =>
        Props.Create(() => new ShardMemoryActor(beginnings, granted, seed, clock));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _replicator.Tell(Dsl.Subscribe(Key, Self));
        Timers.StartPeriodicTimer(SeedTimer, SeekSeed.Instance, SeedInterval);
    }

    private bool IsOldest => _cluster.State.Members
        .Where(static member => member.Status is MemberStatus.Up or MemberStatus.Leaving)
        .Order(Member.AgeOrdering)
        .FirstOrDefault()?.UniqueAddress.Equals(_cluster.SelfUniqueAddress) == true;

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

        beginner = new Beginner(question.Shard, question.Actor, _clock.Read());
        beginner.Waiting.Add(Sender);
        _beginners.Add(question.Actor, beginner);
        Context.Watch(question.Actor);
        if (_granted.Has(question.Shard))
        {
            beginner.MayHaveGiven = true;
            Write(beginner);
        }
        else
        {
            _replicator.Tell(Dsl.Get(Key, new ReadAll(ReadTime), beginner));
        }
    }

    private void OnRead(IGetResponse read)
    {
        var elements = read.IsSuccessful && read.IsFound ? read.Get(Key) : GSet<string>.Empty;
        if (read.Request is Beginner beginner)
        {
            // A read that failed leaves open whether the shard has given.
            beginner.MayHaveGiven = read is GetFailure || elements.Contains(ShardPrefix + beginner.Shard);
            Write(beginner);
            return;
        }

        if (read is GetFailure || _seed.IsKnown)
        {
            return;
        }

        if (elements.Any(IsSeed))
        {
            OnSeeds(elements);
            Timers.Cancel(SeedTimer);
        }
        else if (IsOldest)
        {
            var seed = SeedPrefix + Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
            _replicator.Tell(Dsl.Update(Key, GSet<string>.Empty, new WriteMajority(WriteTime), set => set.Any(IsSeed) ? set : set.Add(seed)));
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
        var beginning = new ShardBeginning(beginner.MayHaveGiven ? beginner.At : null);
        _beginnings.Add(beginner.Actor, beginning);
        foreach (var budget in beginner.Waiting)
        {
            budget.Tell(beginning);
        }
    }

    private void OnShardEnded(IActorRef shard)
    {
        _beginners.Remove(shard);
        _beginnings.Remove(shard);
    }

    // All nodes that see the same seeds take the same one, however many were written.
    private void OnSeeds(GSet<string> elements)
    {
        if (elements.Where(IsSeed).Min(StringComparer.Ordinal) is { } seed)
        {
            _seed.Set(Convert.ToInt64(seed[SeedPrefix.Length..], 16));
        }
    }

    private static bool IsSeed(string element) => element.StartsWith(SeedPrefix, StringComparison.Ordinal);

    /// <summary>Budget to memory: how did my shard begin here? Answered with <see cref="ShardBeginning"/>, once that is known.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Actor">Its actor, this life of it.</param>
    public sealed record WhenBegan(string Shard, IActorRef Actor);

    private sealed class Beginner(string shard, IActorRef actor, long at)
    {
        public string Shard { get; } = shard;

        public IActorRef Actor { get; } = actor;

        public long At { get; } = at;

        public List<IActorRef> Waiting { get; } = [];

        public bool MayHaveGiven { get; set; }
    }

    private sealed record SeekSeed
    {
        public static readonly SeekSeed Instance = new();
    }
}
