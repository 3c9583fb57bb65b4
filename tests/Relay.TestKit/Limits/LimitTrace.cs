using System.Globalization;
using Relay.Policy.Limits;

namespace Relay.TestKit.Limits;

/// <summary>All that a limit let pass for one key, on all nodes, and whether it kept its bound in every window (I6). Thread-safe.</summary>
/// <remarks>
/// A client cannot see when its node decided, only that it was between the question and the answer. So a window begins with a question
/// and ends with an answer, and what counts in it lies wholly inside: no window is taken for too full that was not.
/// </remarks>
public sealed class LimitTrace
{
    private readonly Lock _lock = new();
    private readonly List<Admission> _admissions = [];

    /// <summary>Nothing has passed.</summary>
    /// <param name="budget">What the limit allows.</param>
    public LimitTrace(LimitBudget budget) => Budget = budget;

    /// <summary>What the limit allows.</summary>
    public LimitBudget Budget { get; }

    /// <summary>Something has passed.</summary>
    /// <param name="node">By which node.</param>
    /// <param name="asked">When it was asked for.</param>
    /// <param name="answered">When the answer was there.</param>
    /// <param name="tokens">How much of the limit it takes.</param>
    public void Add(string node, TimeSpan asked, TimeSpan answered, long tokens = 1)
    {
        lock (_lock)
        {
            _admissions.Add(new Admission(node, asked.Ticks, answered.Ticks, tokens));
        }
    }

    /// <summary>What has passed from a moment to another, answers counted.</summary>
    public long Count(TimeSpan from, TimeSpan to) =>
        Snapshot().Where(admission => admission.Answered >= from.Ticks && admission.Answered < to.Ticks).Sum(static admission => admission.Tokens);

    /// <summary>What each node has let pass.</summary>
    public IReadOnlyDictionary<string, long> ByNode() =>
        Snapshot().GroupBy(static admission => admission.Node).ToDictionary(static group => group.Key, static group => group.Sum(static admission => admission.Tokens));

    /// <summary>Looks for a window in which more has passed than rate × window + burst + <paramref name="leases"/>.</summary>
    /// <param name="leases">Tokens that nodes may have held when the window began.</param>
    /// <returns>What is wrong, for a person; null when every window is within the bound.</returns>
    public string? FindExcess(long leases)
    {
        var byAnswer = Snapshot().OrderBy(static admission => admission.Answered).ToArray();
        foreach (var first in byAnswer)
        {
            long sum = 0;
            foreach (var last in byAnswer)
            {
                if (last.Asked < first.Asked)
                {
                    continue;
                }

                sum += last.Tokens;
                var window = last.Answered - first.Asked;
                var allowed = (Int128)window * Budget.Count / Budget.Period.Ticks;
                if (sum > allowed + Budget.Burst + leases)
                {
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{sum} passed within {new TimeSpan(window)} from {new TimeSpan(first.Asked)}: {Budget} and {leases} leases allow {allowed + Budget.Burst + leases}; by node {string.Join(", ", ByNode())}");
                }
            }
        }

        return null;
    }

    /// <summary>What passed in each second, by node, for a person.</summary>
    public string BySecond() => string.Join('\n', Snapshot()
        .GroupBy(static admission => admission.Answered / TimeSpan.TicksPerSecond)
        .OrderBy(static second => second.Key)
        .Select(static second => $"{second.Key} s: {string.Join(", ", second.GroupBy(static admission => admission.Node).OrderBy(static node => node.Key, StringComparer.Ordinal).Select(static node => $"{node.Key} {node.Sum(static admission => admission.Tokens)}"))}"));

    private Admission[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _admissions];
        }
    }

    private sealed record Admission(string Node, long Asked, long Answered, long Tokens);
}
