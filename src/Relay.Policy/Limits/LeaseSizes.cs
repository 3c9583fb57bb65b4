namespace Relay.Policy.Limits;

/// <summary>How many tokens a node asks for at once. The more, the fewer questions, and the more may lie unused on a node.</summary>
public static class LeaseSizes
{
    /// <summary>Limits slower than this, in tokens a second, have no leases: a node asks for what it needs, and for a reserve of <see cref="Of"/>.</summary>
    public const double OneByOneBelow = 5;

    /// <summary>Tokens of a slow limit that a node keeps of any key, for a moment in which its budget does not answer.</summary>
    public const long ReserveLeast = 4;

    /// <summary>The part of the burst, divided by the nodes, that this is at the most.</summary>
    public const int ReservePart = 4;

    /// <summary>The time for which a lease should last when all nodes use the limit to the full.</summary>
    public static readonly TimeSpan LastsFor = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a node may keep tokens that it does not use.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    /// <summary>Of a key that has what it needs a node keeps as many as the key used here in this time: a little longer than the budget of a dead node is missed.</summary>
    public static readonly TimeSpan ReserveCovers = TimeSpan.FromSeconds(15);

    /// <summary>How long it may keep those of a slow limit.</summary>
    public static readonly TimeSpan ReserveKeptFor = TimeSpan.FromSeconds(10);

    /// <summary>How much longer it may while the budget does not answer, or a node is away with which the budget may be.</summary>
    public static readonly TimeSpan KeptWithoutBudget = TimeSpan.FromSeconds(30);

    /// <summary>A node lends the reserve of a slow limit whose budget lives on it to the others when it is as large.</summary>
    public const long LoanLeast = 8;

    /// <summary>It grows by as many tokens at the least.</summary>
    public const long LoanStep = 4;

    /// <summary>So long before the others would return it, they are told to keep it, and say how much they have: longer than it takes until a dead node is missed.</summary>
    public static readonly TimeSpan LoanRenewedBefore = TimeSpan.FromSeconds(5);

    /// <summary>For so long they may take to say it; then what they did not say is lent anew.</summary>
    public static readonly TimeSpan LoanAnsweredWithin = TimeSpan.FromSeconds(3);

    /// <summary>So long it is remembered what mail took that passed without tokens: what it gives back when it ends makes none. A body takes no longer.</summary>
    public static readonly TimeSpan FreeRememberedFor = TimeSpan.FromMinutes(10);

    /// <summary>So often at the most the other nodes are asked for what they have of a key whose budget does not answer.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    /// <summary>So often at the most the other nodes are asked for what they have of a slow limit's key before its mail is refused.</summary>
    public static readonly TimeSpan RecallEvery = TimeSpan.FromSeconds(10);

    /// <summary>The tokens that a node likes to have of a budget: what the rate brings it in <see cref="LastsFor"/>, at most a quarter of the
    /// burst; of a slow limit as many as it needs without its budget for a while, when the burst is large enough, and else none.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="nodes">The nodes that share it.</param>
    /// <param name="usedLately">Tokens that the node used in the last <see cref="ReserveCovers"/>; 0 for a budget that has little left.</param>
    public static long Of(in LimitBudget budget, int nodes, double usedLately)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        if (budget.PerSecond >= OneByOneBelow)
        {
            return Math.Min((long)(budget.PerSecond * LastsFor.TotalSeconds / nodes), budget.Burst / 4);
        }

        // What is left in the budget is for the other nodes.
        var most = Math.Max(0, budget.Burst - nodes) * 4 / 5;
        return Math.Max(Math.Min(ReserveLeast, budget.Burst / ReservePart / nodes), Math.Min((long)usedLately, most));
    }

    /// <summary>True when so few are left of what a node likes to have that it asks for more: of slow limits early, since they are for the time without an answer.</summary>
    public static bool AreLow(in LimitBudget budget, long tokens, long size) => tokens * 4 < size * (budget.PerSecond < OneByOneBelow ? 3 : 2);

    /// <summary>How long tokens of a budget may be kept.</summary>
    public static TimeSpan TimeKept(in LimitBudget budget) => budget.PerSecond < OneByOneBelow ? ReserveKeptFor : KeptFor;

    /// <summary>The tokens to ask for: a lease, and never fewer than are needed now; of a slow limit those, and the reserve.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="size">What the node likes to have.</param>
    /// <param name="need">Tokens that are needed now, from 1.</param>
    public static long Want(in LimitBudget budget, long size, long need)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(need, 1);
        return budget.PerSecond < OneByOneBelow ? need + size : Math.Max(need, size);
    }

    /// <summary>The tokens with which a node begins its share while a budget does not answer, so that the first mail of a sender who has used nothing is not
    /// refused for it: a lease of a fast limit, one token of a slow one.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="nodes">The nodes that share it.</param>
    public static long ShareBegin(in LimitBudget budget, int nodes) => budget.PerSecond < OneByOneBelow ? 1 : Of(budget, nodes, 0);

    /// <summary>The tokens that must be there for it to be worth asking again, after a refusal.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="need">Tokens that are needed, from 1.</param>
    public static long WorthAsking(in LimitBudget budget, long need) => budget.PerSecond < OneByOneBelow ? need : Want(budget, Of(budget, nodes: 1, 0), need);
}
