namespace Relay.Policy.Limits;

/// <summary>How many tokens a node asks for at once. The more, the fewer questions, and the more may lie unused on a node.</summary>
public static class LeaseSizes
{
    /// <summary>Limits slower than this, in tokens a second, are asked for one by one: of their burst a node keeps only <see cref="Of"/>.</summary>
    public const double OneByOneBelow = 5;

    /// <summary>Most tokens of a slow limit that a node keeps for a moment in which its budget does not answer.</summary>
    public const long ReserveMax = 4;

    /// <summary>The part of the burst, divided by the nodes, that such a reserve is at the most.</summary>
    public const int ReservePart = 4;

    /// <summary>The time for which a lease should last when all nodes use the limit to the full.</summary>
    public static readonly TimeSpan LastsFor = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a node may keep tokens that it does not use.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    /// <summary>How long it may keep those of a slow limit.</summary>
    public static readonly TimeSpan ReserveKeptFor = TimeSpan.FromSeconds(10);

    /// <summary>The tokens that a node likes to have of a budget: what the rate brings it in <see cref="LastsFor"/>, at most a quarter of the
    /// burst; of a slow limit a few, when the burst is large enough, and else none.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="nodes">The nodes that share it.</param>
    public static long Of(in LimitBudget budget, int nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        return budget.PerSecond < OneByOneBelow
            ? Math.Min(ReserveMax, budget.Burst / ReservePart / nodes)
            : Math.Min((long)(budget.PerSecond * LastsFor.TotalSeconds / nodes), budget.Burst / 4);
    }

    /// <summary>How long tokens of a budget may be kept.</summary>
    public static TimeSpan TimeKept(in LimitBudget budget) => budget.PerSecond < OneByOneBelow ? ReserveKeptFor : KeptFor;

    /// <summary>The tokens to ask for: a lease, and never fewer than are needed now; of a slow limit those, and the reserve.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="nodes">The nodes that share it.</param>
    /// <param name="need">Tokens that are needed now, from 1.</param>
    public static long Want(in LimitBudget budget, int nodes, long need)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(need, 1);
        return budget.PerSecond < OneByOneBelow ? need + Of(budget, nodes) : Math.Max(need, Of(budget, nodes));
    }

    /// <summary>The tokens that must be there for it to be worth asking again, after a refusal.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="need">Tokens that are needed, from 1.</param>
    public static long WorthAsking(in LimitBudget budget, long need) => budget.PerSecond < OneByOneBelow ? need : Want(budget, nodes: 1, need);
}
