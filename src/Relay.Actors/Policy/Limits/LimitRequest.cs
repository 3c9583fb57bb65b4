using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>A request that is on its way to a budget, and who waits for it.</summary>
/// <param name="claim">The first claim on the budget.</param>
/// <param name="number">Tells requests apart.</param>
/// <param name="sentAt">When it was sent, as a timestamp of the clock.</param>
internal sealed class LimitRequest(LimitClaim claim, long number, long sentAt)
{
    public LimitClaim Claim { get; } = claim;

    public long Number { get; } = number;

    public long SentAt { get; } = sentAt;

    /// <summary>In the order in which they came.</summary>
    public Queue<(LimitWaiter Waiter, LimitClaim Claim)> Waiting { get; } = new();
}
