using Relay.Policy.Decisions;

namespace Relay.Actors.Queues;

/// <summary>What a change of the queue depends on beside the queue itself.</summary>
/// <param name="Policy">The policy in force.</param>
/// <param name="Now">The time.</param>
internal readonly record struct Moment(PolicySnapshot Policy, DateTimeOffset Now)
{
    /// <summary>How mail leaves.</summary>
    public DeliveryRules Delivery => Policy.Delivery;
}
