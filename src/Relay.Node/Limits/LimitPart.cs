using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Relay.Actors;
using Relay.Actors.Cluster;
using Relay.Actors.Greylisting;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Node.Cluster;
using Relay.Node.Settings;

namespace Relay.Node.Limits;

/// <summary>The budgets of limits, as a part of the cluster's system: their shards, and the way to them.</summary>
internal sealed class LimitPart(NodeSettings settings, PolicyAgent policy, TimeProvider time) : IRelaySystemPart
{
    private readonly GrantedShards _granted = new();

    public void Configure(AkkaConfigurationBuilder akka)
    {
        if (!settings.Cluster.IsRelay)
        {
            return;
        }

        akka.WithDistributedData(new DDataOptions());
        var (seed, beginnings, clock) = (new ShardSeed(), new ShardBeginnings(), new BudgetClock(time));
        BudgetHost? host = null;
        akka.WithActors((system, _) =>
            {
                var memory = system.ActorOf(ShardMemoryActor.PropsFor(beginnings, _granted, policy.Limits.Nodes, clock), ActorNames.LimitMemory);
                system.ActorOf(ShardSeedActor.PropsFor(seed), ActorNames.LimitSeed);
                host = new BudgetHost(policy.Limits.Budgets, beginnings, memory, policy.Limits.Bounds, clock);
            })
            .WithShardRegion<PolicyActor>(
                ActorNames.Limits,
                (_, _, _) => key => key switch
                {
                    ShardProbeActor.EntityId => ShardProbeActor.PropsFor(host!),
                    GreylistActor.EntityId => GreylistActor.PropsFor(clock),
                    _ => PolicyActor.PropsFor(key, host!),
                },
                new LimitExtractor(seed),
                new ShardOptions
                {
                    StateStoreMode = StateStoreMode.DData,
                    RememberEntities = false,
                    Role = ClusterRoles.Relay,
                    // A budget ends by itself, and only when it is full: whatever ends one that is not gives its key another burst.
                    ShouldPassivateIdleEntities = false,
                })
            .WithActors((system, registry) => system.ActorOf(
                LimitGatewayActor.PropsFor(policy.Limits, registry.Get<PolicyActor>(), seed, ClusterRoles.Relay), ActorNames.LimitGateway));
    }

    public void Started(ActorSystem system)
    {
    }

    public void Ended() => policy.Limits.Detach();
}
