using Akka.Actor;
using Akka.Cluster.Sharding;
using Relay.Messages.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Answers for a shard that it can be reached and that it is known how its budgets begin, and ends.</summary>
public sealed class ShardProbeActor : ReceiveActor
{
    /// <summary>Its name in every shard; no key of a budget is like it.</summary>
    public const string EntityId = "probe";

    /// <summary>Most that wait for the answer: each node asks four times a second, for ten seconds.</summary>
    public const int WaitingMax = 64;

    private readonly List<(IActorRef Sender, int Shard)> _waiting = [];

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ShardProbeActor(BudgetHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        Receive<LimitMessages.ShardProbe>(probe => OnProbe(probe, host));
        Receive<ShardBeginning>(_ => OnBeginning());
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(BudgetHost host) => Props.Create(() => new ShardProbeActor(host));

    private void OnProbe(LimitMessages.ShardProbe probe, BudgetHost host)
    {
        if (_waiting.Count == WaitingMax)
        {
            return;
        }

        _waiting.Add((Sender, probe.Shard));
        if (host.Beginnings.Find(Context.Parent) is not null)
        {
            OnBeginning();
        }
        else if (_waiting.Count == 1)
        {
            host.Memory.Tell(new ShardMemoryActor.WhenBegan(Context.Parent.Path.Name, Context.Parent));
        }
    }

    private void OnBeginning()
    {
        foreach (var (sender, shard) in _waiting)
        {
            sender.Tell(new LimitMessages.ShardProbed(shard));
        }

        _waiting.Clear();
        Context.Parent.Tell(new Passivate(PoisonPill.Instance));
    }
}
