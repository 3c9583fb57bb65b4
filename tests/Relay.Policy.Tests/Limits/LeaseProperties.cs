using CsCheck;
using Relay.Policy.Limits;

namespace Relay.Policy.Tests.Limits;

/// <summary>I6, over any sequence of requests, uses and returns by several nodes: in any window at most rate × window + burst + the leases
/// that were out when it began.</summary>
public sealed class LeaseProperties
{
    private static readonly Gen<LimitBudget> Budgets = Gen.Select(
        Gen.Long[1, 5000], Gen.OneOf([Gen.Const(1), Gen.Const(60), Gen.Const(3600)]), Gen.Long[1, 300], (count, seconds, burst) => new LimitBudget(count, TimeSpan.FromSeconds(seconds), burst));

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.OneOf(Gen.Long[0, 10_000], Gen.Long[0, 20_000_000], Gen.Const(0L)),
        Gen.Int[0, 2],
        Gen.Frequency((12, Gen.Const(StepKind.Use)), (1, Gen.Const(StepKind.Return)), (1, Gen.Const(StepKind.Move))),
        Gen.Long[1, 5],
        (ticks, node, kind, tokens) => new Step(ticks, node, kind, tokens));

    private enum StepKind
    {
        Use,
        Return,
        Move,
    }

    [Fact]
    public void Sum_over_all_nodes_keeps_the_bound_in_every_window()
    {
        Gen.Select(Budgets, Steps.Array[1, 120]).Sample((budget, steps) =>
        {
            var run = Run(budget, steps);
            for (var first = 0; first < run.Count; first++)
            {
                long sum = 0;
                for (var last = first; last < run.Count; last++)
                {
                    sum += run[last].Used;
                    var window = run[last].At - run[first].At;
                    var bound = ((Int128)window * budget.Count / budget.Period.Ticks) + budget.Burst + run[first].LeasedBefore;
                    Assert.True(sum <= bound, $"{budget}: {sum} from step {first} to {last}, at most {bound}");
                }
            }
        });
    }

    private static List<Moment> Run(LimitBudget budget, Step[] steps)
    {
        const int Nodes = 3;
        var moments = new List<Moment>();
        var leases = new long[Nodes];
        var bucket = default(Gcra);
        var now = 1L << 40;
        foreach (var step in steps)
        {
            now += step.Ticks;
            var before = leases.Sum();
            long used = 0;
            switch (step.Kind)
            {
                case StepKind.Use:
                    if (leases[step.Node] < step.Tokens)
                    {
                        var need = step.Tokens - leases[step.Node];
                        leases[step.Node] += need > budget.Burst ? 0 : bucket.Take(now, budget, need, LeaseSizes.Want(budget, LeaseSizes.Of(budget, Nodes, step.Tokens * 4), need));
                    }

                    used = leases[step.Node] >= step.Tokens ? step.Tokens : 0;
                    leases[step.Node] -= used;
                    break;
                case StepKind.Return:
                    bucket.Return(budget, leases[step.Node]);
                    leases[step.Node] = 0;
                    break;
                case StepKind.Move:
                    // The budget is lost with its node, and another begins with nothing.
                    bucket = Gcra.EmptyAt(now, budget);
                    break;
            }

            moments.Add(new Moment(now, used, before));
        }

        return moments;
    }

    private sealed record Step(long Ticks, int Node, StepKind Kind, long Tokens);

    private sealed record Moment(long At, long Used, long LeasedBefore);
}
