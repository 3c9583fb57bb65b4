using System.Globalization;
using System.Net;
using Relay.Actors.Policy.Limits;
using Relay.Policy.Limits;
using Relay.Policy.Values;
using Relay.TestKit;
using Relay.TestKit.Limits;
using Xunit.Abstractions;

namespace Relay.Node.Tests.Interop;

/// <summary>One client far over its limit, through a real HAProxy to three nodes: never above the limit in any window, whatever the nodes do.</summary>
/// <remarks>
/// Short here; bench/soak.sh --limit runs it for longer, with the timings that the program comes with, by RELAY_LIMIT_SECONDS,
/// RELAY_LIMIT_RATE and RELAY_LIMIT_BURST.
/// </remarks>
[Collection(RunsAlone.Name)]
[Trait("Category", "Interop")]
public sealed class LimitClusterTests
{
    // A dead node is known and replaced in some 5 s; that a living one is taken for dead on a busy machine must not be any likelier.
    private const string Quick =
        """
        akka {
          actor { serialization-settings.allow-unregistered-types = false, ask-timeout = 5s }
          remote.dot-netty.tcp.maximum-frame-size = 128000b
          cluster {
            gossip-interval = 250ms
            leader-actions-interval = 250ms
            unreachable-nodes-reaper-interval = 250ms
            failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = 2s }
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = 500ms }
            down-removal-margin = 500ms
            sharding {
              retry-interval = 250ms, rebalance-interval = 1s, least-shard-allocation-strategy.rebalance-absolute-limit = 20, handoff-timeout = 10s
            }
          }
        }
        """;

    private static readonly IPAddress Sender = IPAddress.Parse("127.0.0.77");

    private readonly ITestOutputHelper _output;

    public LimitClusterTests(ITestOutputHelper output)
    {
        _output = output;
    }

    [InteropFact("haproxy")]
    public async Task Limit_holds_exactly_while_nodes_work_die_and_come_back()
    {
        var longRun = Setting("RELAY_LIMIT_SECONDS");
        var phase = TimeSpan.FromSeconds(longRun is null ? 6 : double.Parse(longRun, CultureInfo.InvariantCulture));
        Assert.True(Rate.TryParse(Setting("RELAY_LIMIT_RATE") ?? "1200/min", out var rate, out var error), error);
        var burst = long.Parse(Setting("RELAY_LIMIT_BURST") ?? "40", CultureInfo.InvariantCulture);
        var budget = new LimitBudget(rate.Count, rate.Period, burst);
        await using var nodes = await LimitedNodes.StartAsync(
            $$"""{ "name": "client", "rate": "{{rate}}", "burst": {{burst.ToString(CultureInfo.InvariantCulture)}} }""", longRun is null ? Quick : null);
        var trace = new LimitTrace(budget);
        // What nodes may hold, and what two of them may give out of their shares before they know that the budget is there again.
        var bounds = new LimitBounds();
        var leases = (3 * LeaseSizes.Want(budget, LeaseSizes.Of(budget, 3, 0), 1)) + (long)Math.Ceiling(budget.PerSecond * 2 / 3 * (bounds.Respite + bounds.Patience).TotalSeconds);
        var before = await nodes.BudgetsAsync();
        await using var hammer = new LimitHammer(trace, Sender, nodes.Balancer, connections: 6);

        // The burst is spent first, and then all of the rate.
        var spent = TimeSpan.FromSeconds(2);
        await hammer.UntilAsync(spent);
        Assert.InRange(trace.Count(TimeSpan.Zero, spent), burst, long.MaxValue);
        var home = await nodes.HomeAsync(before);
        await AssertUsedAsync(hammer, trace, spent, phase, phase + TimeSpan.FromSeconds(1), 0.98);
        AssertNoExcess(trace, leases);
        Assert.Equal(3, trace.ByNode().Count);

        // The one dies where the budget lives: whatever it knew is gone. Until that is noticed the others have their shares only, a third of
        // the rate is lost; then all of it passes again.
        await nodes.KillAsync(home);
        var killed = hammer.Now;
        await AssertUsedAsync(hammer, trace, killed, longRun is null ? TimeSpan.FromSeconds(5) : phase, longRun is null ? TimeSpan.FromSeconds(30) : phase + TimeSpan.FromSeconds(1), 0.85);
        AssertNoExcess(trace, leases);

        // It comes back, and shards move to it.
        await nodes.StartAsync(home);
        await nodes.SettledAsync(0, 1, 2);
        await hammer.UntilAsync(hammer.Now + (phase / 3));
        AssertNoExcess(trace, leases);
        _output.WriteLine($"no window above {budget} and {leases} leases in {hammer.Now}; by node {string.Join(", ", trace.ByNode())}\n{trace.BySecond()}");
    }

    // At the end all of the rate must pass, or what is behind it would count for what is not. A moment in which the whole machine stands
    // still at that end is no loss: what did not pass in it passes in the next.
    private async Task AssertUsedAsync(LimitHammer hammer, LimitTrace trace, TimeSpan from, TimeSpan least, TimeSpan most, double part)
    {
        var last = TimeSpan.FromSeconds(2);
        await hammer.UntilAsync(from + least);
        while (true)
        {
            var now = hammer.Now;
            var wanted = trace.Budget.PerSecond * (now - from).TotalSeconds * part;
            var passed = trace.Count(from, now);
            if (passed >= wanted - 1 && trace.Count(now - last, now) >= (trace.Budget.PerSecond * last.TotalSeconds * part) - 1)
            {
                _output.WriteLine($"{passed} passed in {now - from}, {passed / trace.Budget.PerSecond / (now - from).TotalSeconds:P1} of the rate");
                return;
            }

            Assert.True(now < from + most, $"{passed} passed from {from} to {now}, at least {wanted:F0} should have\n{trace.BySecond()}");
            await Eventually.NextLookAsync();
        }
    }

    private static void AssertNoExcess(LimitTrace trace, long leases)
    {
        var excess = trace.FindExcess(leases);
        Assert.True(excess is null, $"{excess}\n{trace.BySecond()}");
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
