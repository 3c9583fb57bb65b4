using Akka.Actor;
using Relay.Actors.Greylisting;
using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>All that a node knows of limits, and the way to their budgets. Thread-safe; outlives the cluster's actor system.</summary>
public sealed class LimitAgent
{
    private readonly TaskCompletionSource _whenAttached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef? _gateway;
    private IActorRef? _desk;

    /// <summary>Nothing is known, and there is no way to any budget yet.</summary>
    /// <param name="bounds">What limits may cost.</param>
    /// <param name="nodes">The nodes that the settings name, from 1.</param>
    /// <param name="time">The clock.</param>
    public LimitAgent(LimitBounds bounds, int nodes, TimeProvider time)
    {
        Bounds = bounds;
        Nodes = new NodeCount(nodes, time);
        Start = new StartOfNode(isOneOfSeveral: nodes > 1, bounds, time);
        Leases = new LeaseTable(bounds, Nodes, Counts, Start, TryRefill, time);
        Greylist = new GreylistDesk(time);
        Time = time;
    }

    /// <summary>What limits may cost.</summary>
    public LimitBounds Bounds { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>What limits have done.</summary>
    public LimitCounts Counts { get; } = new();

    /// <summary>The nodes that share the limits.</summary>
    public NodeCount Nodes { get; }

    /// <summary>The first moments of this node.</summary>
    public StartOfNode Start { get; }

    /// <summary>For a budget to answer.</summary>
    public TimeSpan Patience => Nodes.Max == 1 ? Bounds.PatienceAlone : Bounds.Patience;

    /// <summary>The leases of this node.</summary>
    public LeaseTable Leases { get; }

    /// <summary>The budgets that live on this node.</summary>
    public LiveBudgets Budgets { get; } = new();

    /// <summary>Who asks the memories of greylisting, which live beside the budgets.</summary>
    public GreylistDesk Greylist { get; }

    /// <summary>The shards of budgets that live on this node.</summary>
    public int Shards
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The way to the budgets; null while the cluster's system does not run.</summary>
    public IActorRef? Gateway => Volatile.Read(ref _gateway);

    /// <summary>Who asks for what the leases lack; null before the mail system starts.</summary>
    public IActorRef? Desk => Volatile.Read(ref _desk);

    /// <summary>Ends once the budgets could be asked for the first time.</summary>
    public Task WhenAttached => _whenAttached.Task;

    /// <summary>The mail system has started.</summary>
    public void Open(IActorRef desk) => Volatile.Write(ref _desk, desk);

    /// <summary>The budgets can be asked.</summary>
    public void Attach(IActorRef gateway)
    {
        Start.End();
        Volatile.Write(ref _gateway, gateway);
        _whenAttached.TrySetResult();
    }

    private bool TryRefill(LimitClaim claim, long tokens)
    {
        if (Gateway is null || Desk is not { } desk)
        {
            return false;
        }

        desk.Tell(new LimitDeskActor.Refill(claim, tokens), ActorRefs.NoSender);
        return true;
    }

    /// <summary>They cannot.</summary>
    public void Detach()
    {
        Volatile.Write(ref _gateway, null);
        Shards = 0;
    }
}
