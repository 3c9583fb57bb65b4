using Akka.Cluster.Sharding;
using Relay.Actors.Greylisting;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Greylisting;
using Relay.Messages.Limits;

namespace Relay.Node.Limits;

/// <summary>Tells a shard region which budget, or which memory of greylisting, a message is for, and where it lives.</summary>
/// <remarks>The package's own extractor is not used: its hash has no key, and one value of it throws.</remarks>
internal sealed class LimitExtractor(ShardSeed seed) : IMessageExtractor
{
    public string? EntityId(object message) => message switch
    {
        IBudgetMessage budget => budget.Key,
        LimitMessages.ShardProbe => ShardProbeActor.EntityId,
        GreylistMessages.TripletCame => GreylistActor.EntityId,
        _ => null,
    };

    public object? EntityMessage(object message) => message;

    [Obsolete("The interface keeps it for callers that know no entity.")]
    public string? ShardId(object message) => EntityId(message) is { } key ? ShardId(key, message) : null;

    public string ShardId(string entityId, object? messageHint = null) =>
        messageHint switch
        {
            LimitMessages.ShardProbe probe => ShardSeed.NameOf(probe.Shard),
            GreylistMessages.TripletCame came => seed.ShardOf(came.Triplet.Network)!,
            _ => seed.ShardOf(entityId)!,
        };
}
