namespace Relay.Policy.Limits;

/// <summary>How many tokens a node asks for at once. The more, the fewer questions, and the more may lie unused on a node.</summary>
public static class LeaseSizes
{
    /// <summary>Limits slower than this, in tokens a second, are asked for one by one: no token lies anywhere unused.</summary>
    public const double OneByOneBelow = 5;

    /// <summary>The time for which a lease should last when all nodes use the limit to the full.</summary>
    public static readonly TimeSpan LastsFor = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a node may keep tokens that it does not use.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    /// <summary>The tokens to ask for: what the rate brings one node in <see cref="LastsFor"/>, at most a quarter of the burst, and never
    /// fewer than are needed now.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="nodes">The nodes that share it.</param>
    /// <param name="need">Tokens that are needed now, from 1.</param>
    public static long Want(in LimitBudget budget, int nodes, long need)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(need, 1);
        if (budget.PerSecond < OneByOneBelow)
        {
            return need;
        }

        var lasting = (long)(budget.PerSecond * LastsFor.TotalSeconds / nodes);
        return Math.Max(need, Math.Min(lasting, budget.Burst / 4));
    }
}
