using CsCheck;
using Relay.Policy.Limits;
using Relay.TestKit.Limits;

namespace Relay.Policy.Tests.Limits;

/// <summary>The checker itself: it finds what is over the bound, and nothing else.</summary>
public sealed class LimitTraceTests
{
    private static readonly LimitBudget Budget = new(60, TimeSpan.FromMinutes(1), 5);

    [Fact]
    public void One_more_than_burst_and_rate_is_found()
    {
        var trace = Trace(0, 0, 0, 0, 0, 1, 2, 3);
        Assert.Null(trace.FindExcess(0));
        trace.Add("b", TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));
        Assert.NotNull(trace.FindExcess(0));
        Assert.Null(trace.FindExcess(1));
    }

    [Fact]
    public void Window_that_does_not_begin_with_the_first_is_looked_at()
    {
        Assert.NotNull(Trace(0, 100, 100, 100, 100, 100, 100).FindExcess(0));
        Assert.Null(Trace(0, 100, 100, 100, 100, 100).FindExcess(0));
    }

    [Fact]
    public void Time_of_an_answer_is_in_favour_of_the_limit()
    {
        var trace = Trace(0, 0, 0, 0, 0);
        trace.Add("b", TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Null(trace.FindExcess(0));
    }

    [Fact]
    public void Counts_of_nodes_and_times_add_up()
    {
        var trace = Trace(0, 1, 2);
        trace.Add("b", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), 4);
        Assert.Equal(6, trace.Count(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)));
        Assert.Equal((3, 4), (trace.ByNode()["a"], trace.ByNode()["b"]));
    }

    [Fact]
    public void What_a_bucket_gives_is_within_the_bound_and_one_with_twice_the_rate_is_not()
    {
        Gen.Int[1, 2_000_000].Array[50, 200].Sample(gaps =>
        {
            var (honest, greedy) = (new LimitTrace(Budget), new LimitTrace(Budget));
            var (bucket, fast) = (default(Gcra), default(Gcra));
            var twice = Budget with { Count = 2 * Budget.Count };
            long now = 0;
            foreach (var gap in gaps)
            {
                now += gap;
                var at = new TimeSpan(now);
                if (bucket.Take(now, Budget, 1, 1) > 0)
                {
                    honest.Add("a", at, at);
                }

                if (fast.Take(now, twice, 1, 1) > 0)
                {
                    greedy.Add("a", at, at);
                }
            }

            Assert.Null(honest.FindExcess(0));
            if (greedy.Count(TimeSpan.Zero, TimeSpan.MaxValue) > honest.Count(TimeSpan.Zero, TimeSpan.MaxValue) + 1)
            {
                Assert.NotNull(greedy.FindExcess(0));
            }
        });
    }

    private static LimitTrace Trace(params int[] seconds)
    {
        var trace = new LimitTrace(Budget);
        foreach (var second in seconds)
        {
            trace.Add("a", TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second));
        }

        return trace;
    }
}
