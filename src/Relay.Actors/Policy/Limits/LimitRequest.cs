using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>A request that is on its way to a budget, and who waits for it.</summary>
/// <param name="claim">The first claim on the budget.</param>
/// <param name="number">Tells requests apart.</param>
/// <param name="sentAt">When it was sent, as a timestamp of the clock.</param>
/// <param name="waiting">Who waits already; null for nobody.</param>
internal sealed class LimitRequest(
    LimitClaim claim, long number, long sentAt, Queue<(LimitWaiter Waiter, LimitClaim Claim)>? waiting = null)
{
    public LimitClaim Claim { get; } = claim;

    public long Number { get; } = number;

    public long SentAt { get; } = sentAt;

    /// <summary>The budget has nothing for so long; what is lent of it was asked back, and whoever waits waits for that. Null: the budget is asked.</summary>
    public TimeSpan? RefusedFor { get; init; }

    /// <summary>In the order in which they came.</summary>
    public Queue<(LimitWaiter Waiter, LimitClaim Claim)> Waiting { get; } = waiting ?? new();
}
