namespace Relay.Actors.Policy.Limits;

/// <summary>The bounds of what limits cost.</summary>
public sealed record LimitBounds
{
    /// <summary>Budgets that live in one shard at once; more share the budget of their network.</summary>
    public int BudgetsPerShardMax { get; init; } = 1000;

    /// <summary>Shared budgets that live in one shard at once; more share one budget of everyone.</summary>
    public int SharedPerShardMax { get; init; } = 250;

    /// <summary>Keys that a node remembers leases and refusals of; more share the budget of their network.</summary>
    public int KeysMax { get; init; } = 100_000;

    /// <summary>Shared keys that a node remembers in addition; more share one budget of everyone.</summary>
    public int SharedKeysMax { get; init; } = 10_000;

    /// <summary>For a budget to answer; then <c>onLimitUnavailable</c> decides.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>The same in a cluster of one, whose budgets are its own: they can be slow, and never out of reach.</summary>
    public TimeSpan PatienceAlone { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After a budget did not answer, this long nobody waits for it. So long a share may go on to be given out although the budget is there again.</summary>
    public TimeSpan Respite { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After that, so long mail goes by the share if it can, and the budget is asked beside.</summary>
    public TimeSpan Doubt { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a node of several to meet the budgets after its start; until then it gives out no share.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often leases are looked at that nobody used, and requests that nobody answered.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A budget that is full, and was not asked for this long, ends: there is nothing to know of it.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(10);
}
