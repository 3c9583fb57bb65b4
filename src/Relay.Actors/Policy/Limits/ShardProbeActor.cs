using Akka.Actor;
using Akka.Cluster.Sharding;
using Relay.Messages.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Answers for a shard that it can be reached, and ends.</summary>
public sealed class ShardProbeActor : ReceiveActor
{
    /// <summary>Its name in every shard; no key of a budget is like it.</summary>
    public const string EntityId = "probe";

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public ShardProbeActor()
    {
        Receive<LimitMessages.ShardProbe>(probe =>
        {
            Sender.Tell(new LimitMessages.ShardProbed(probe.Shard));
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        });
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor() => Props.Create(static () => new ShardProbeActor());
}
