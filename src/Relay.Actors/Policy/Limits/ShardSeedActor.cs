using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;

namespace Relay.Actors.Policy.Limits;

/// <summary>Finds, with the others of its kind, the secret by which keys are spread over shards; the oldest node makes it.</summary>
/// <remarks>It is in the replicated set of <see cref="ShardMemoryActor"/>, which only grows: it stays for the cluster's life.</remarks>
public sealed class ShardSeedActor : ReceiveActor, IWithTimers
{
    private const string SeedPrefix = "seed:";
    private const string SeekTimer = "seek";

    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SeekInterval = TimeSpan.FromMilliseconds(250);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly ShardSeed _seed;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ShardSeedActor(ShardSeed seed)
    {
        _seed = seed;
        Receive<Seek>(_ => _replicator.Tell(Dsl.Get(ShardMemoryActor.Key, new ReadMajority(ReadTime))));
        Receive<Changed>(changed => OnSeeds(changed.Get(ShardMemoryActor.Key)));
        Receive<IGetResponse>(OnRead);
        Receive<IUpdateResponse>(static _ => { }); // it is looked for again until it is there
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    private bool IsOldest => _cluster.State.Members
        .Where(static member => member.Status is MemberStatus.Up or MemberStatus.Leaving)
        .Order(Member.AgeOrdering)
        .FirstOrDefault()?.UniqueAddress.Equals(_cluster.SelfUniqueAddress) == true;

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(ShardSeed seed) => Props.Create(() => new ShardSeedActor(seed));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _replicator.Tell(Dsl.Subscribe(ShardMemoryActor.Key, Self));
        Timers.StartPeriodicTimer(SeekTimer, Seek.Instance, SeekInterval);
    }

    private void OnRead(IGetResponse read)
    {
        if (read is GetFailure || _seed.IsKnown)
        {
            return;
        }

        var elements = read.IsFound ? read.Get(ShardMemoryActor.Key) : GSet<string>.Empty;
        if (elements.Any(IsSeed))
        {
            OnSeeds(elements);
            Timers.Cancel(SeekTimer);
        }
        else if (IsOldest)
        {
            var seed = SeedPrefix + Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
            _replicator.Tell(Dsl.Update(
                ShardMemoryActor.Key, GSet<string>.Empty, new WriteMajority(WriteTime), set => set.Any(IsSeed) ? set : set.Add(seed)));
        }
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

    private sealed record Seek
    {
        public static readonly Seek Instance = new();
    }
}
