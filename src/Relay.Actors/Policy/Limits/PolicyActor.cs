using Akka.Actor;
using Akka.Cluster.Sharding;
using Relay.Messages.Limits;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>The budget of one key of one limit, for the whole cluster. What it gives out is debited at once.</summary>
/// <remarks>
/// A key that nobody has heard of is full. But a budget may have lived on another node before: then it begins with what it owed there, where the
/// shard was moved in order. Where nobody knows what was left, it counts as empty when its shard began here, but for the part of a node that died
/// with it and gave nothing meanwhile, as the others gave theirs: so moving a shard never adds to what a key may have.
/// </remarks>
public sealed class PolicyActor : ReceiveActor
{
    /// <summary>Most messages that wait until it is known how the budget begins: each node sends one at a time.</summary>
    public const int WaitingMax = 64;

    private readonly string _key;
    private readonly BudgetHost _host;
    private readonly string _shard = Context.Parent.Path.Name;
    private readonly List<(IActorRef Sender, IBudgetMessage Message)> _waiting = [];
    private Gcra _bucket;
    private ShardBeginning? _beginning;
    private long? _emptyAt;
    private ICancelable? _look;
    private bool _isCounted;
    private bool _isKnown;
    private long _askedAt;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public PolicyActor(string key, BudgetHost host)
    {
        _key = key;
        _host = host;
        Receive<IBudgetMessage>(OnMessage);
        Receive<ShardBeginning>(OnBeginning);
        Receive<IsIdle>(_ => OnIsIdle());
        Receive<Stop>(_ => Context.Stop(Self));
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(string key, BudgetHost host) => Props.Create(() => new PolicyActor(key, host));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _isCounted = _host.Live.TryEnter(_shard, _key, _host.Bounds);
        if (!_isCounted)
        {
            return;
        }

        _askedAt = _host.Now;
        LookLater(_host.Bounds.IdleTime);
        if (_host.Beginnings.Find(Context.Parent) is { } beginning)
        {
            Begin(beginning);
        }
        else
        {
            _host.Memory.Tell(new ShardMemoryActor.WhenBegan(_shard, Context.Parent));
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _look?.Cancel();
        if (_isCounted)
        {
            _host.Live.Leave(_shard, _key);
        }

        // A shard that the cluster moves takes along what its budgets owe.
        var untilFull = _bucket.TimeUntilFull(_host.Now);
        if (_isKnown && _beginning is null && untilFull > TimeSpan.Zero)
        {
            _host.Memory.Tell(new ShardMemoryActor.BudgetEnded(Context.Parent, _key, untilFull < LimitMessages.OwedTimeMax ? untilFull : LimitMessages.OwedTimeMax));
        }
    }

    /// <summary>What was given out before a failure is not known any more.</summary>
    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Begin(new ShardBeginning(_host.Now));
    }

    private void OnMessage(IBudgetMessage message)
    {
        if (!_isCounted)
        {
            if (message is LimitMessages.TokensWanted wanted)
            {
                Sender.Tell(new LimitMessages.TokensAnswered(_key, wanted.Number, 0, TimeSpan.Zero, IsFull: true));
            }

            Context.Parent.Tell(new Passivate(Stop.Instance));
        }
        else if (_isKnown)
        {
            Serve(message, Sender);
        }
        else if (_waiting.Count < WaitingMax)
        {
            _waiting.Add((Sender, message));
        }
    }

    private void OnBeginning(ShardBeginning beginning)
    {
        if (_isKnown)
        {
            return;
        }

        Begin(beginning);
        foreach (var (sender, message) in _waiting)
        {
            Serve(message, sender);
        }

        _waiting.Clear();
    }

    private void Begin(ShardBeginning beginning)
    {
        _isKnown = true;
        _beginning = beginning;
    }

    private void Serve(IBudgetMessage message, IActorRef sender)
    {
        var now = _host.Now;
        _askedAt = now;
        switch (message)
        {
            case LimitMessages.TokensWanted wanted:
                Settle(wanted.Budget);
                var tokens = _bucket.Take(now, wanted.Budget, wanted.Need, wanted.Want);
                var retryAfter = tokens == wanted.Want ? TimeSpan.Zero : AtLeastATick(_bucket.TimeUntil(now, wanted.Budget, WorthAsking(wanted)));
                sender.Tell(new LimitMessages.TokensAnswered(_key, wanted.Number, tokens, retryAfter, IsFull: false));
                break;
            case LimitMessages.TokensReturned returned:
                Settle(returned.Budget);
                _bucket.Return(returned.Budget, returned.Tokens);
                break;
            case LimitMessages.TokensUsed used:
                Settle(used.Budget);
                _bucket.Debit(now, used.Budget, used.Age == TimeSpan.Zero ? used.Tokens : OfShare(used, now));
                break;
        }
    }

    /// <summary>How empty the bucket begins is known with the first budget.</summary>
    private void Settle(in LimitBudget budget)
    {
        if (_beginning?.WhenFull(_key) is { } fullAt)
        {
            _bucket = Gcra.FullAt(fullAt);
        }
        else if (_beginning is { EmptyAt: { } emptyAt })
        {
            _bucket = Gcra.EmptyAt(emptyAt - _beginning.Ahead, budget);
            _emptyAt = emptyAt;
        }

        _beginning = null;
    }

    // What was used before this budget began here it began without: of tokens that were used evenly, those that came after. No more than
    // the burst counts, lest a node that was away for long bars the key for as long.
    private long OfShare(LimitMessages.TokensUsed used, long now)
    {
        var part = _emptyAt is { } began ? Math.Min(1, (double)(now - began) / used.Age.Ticks) : 1;
        return Math.Min((long)Math.Ceiling(used.Tokens * part), used.Budget.Burst);
    }

    // Of a fast limit a single token is there at once: whoever is over it would ask for each. A lease's worth is kept for them meanwhile.
    private static long WorthAsking(LimitMessages.TokensWanted wanted) =>
        Math.Min(wanted.Want, LeaseSizes.WorthAsking(wanted.Budget, wanted.Need));

    private static TimeSpan AtLeastATick(TimeSpan time) => time > TimeSpan.Zero ? time : new TimeSpan(1);

    private void OnIsIdle()
    {
        var now = _host.Now;
        var untilFull = _bucket.TimeUntilFull(now);
        var untilIdle = new TimeSpan(_askedAt + _host.Bounds.IdleTime.Ticks - now);
        if (untilFull > TimeSpan.Zero || untilIdle > TimeSpan.Zero)
        {
            LookLater(untilFull > untilIdle ? untilFull : untilIdle);
        }
        else
        {
            Context.Parent.Tell(new Passivate(Stop.Instance));
        }
    }

    // Longer than this the scheduler cannot wait, and looking once an hour costs nothing.
    private void LookLater(TimeSpan after) => _look = Context.System.Scheduler.ScheduleTellOnceCancelable(
        after < TimeSpan.FromHours(1) ? after : TimeSpan.FromHours(1), Self, IsIdle.Instance, ActorRefs.NoSender);

    private sealed record IsIdle
    {
        public static readonly IsIdle Instance = new();
    }

    private sealed record Stop
    {
        public static readonly Stop Instance = new();
    }
}
