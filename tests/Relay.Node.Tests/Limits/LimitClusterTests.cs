using System.Globalization;
using System.Net;
using Relay.Actors.Policy.Limits;
using Relay.Policy.Limits;
using Relay.Policy.Values;
using Relay.TestKit.Limits;

namespace Relay.Node.Tests.Limits;

/// <summary>One client far over its limit, on three nodes at once: never above the limit in any window, whatever the nodes do.</summary>
/// <remarks>
/// Short here; bench/soak.sh --limit runs it for longer, with the timings that the program comes with, by RELAY_LIMIT_SECONDS,
/// RELAY_LIMIT_RATE and RELAY_LIMIT_BURST.
/// </remarks>
[Collection(RunsAlone.Name)]
public sealed class LimitClusterTests
{
    private const string Quick =
        """
        akka {
          actor { serialization-settings.allow-unregistered-types = false, ask-timeout = 5s }
          remote.dot-netty.tcp.maximum-frame-size = 128000b
          cluster {
            failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = 2s }
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = 1s }
            down-removal-margin = 1s
            sharding { rebalance-interval = 1s, least-shard-allocation-strategy.rebalance-absolute-limit = 20, handoff-timeout = 10s }
          }
        }
        """;

    private static readonly IPAddress Sender = IPAddress.Parse("127.0.0.77");

    [Fact]
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
        var leases = (3 * LeaseSizes.Want(budget, 3, 1)) + (long)Math.Ceiling(budget.PerSecond * 2 / 3 * (bounds.Respite + bounds.Patience).TotalSeconds);
        await using var hammer = new LimitHammer(trace, Sender);
        for (var node = 0; node < 3; node++)
        {
            hammer.Begin(string.Create(CultureInfo.InvariantCulture, $"n{node}"), nodes.Smtp(node));
        }

        // The burst is spent first, and then all of the rate.
        var spent = TimeSpan.FromSeconds(2);
        await hammer.UntilAsync(spent);
        Assert.InRange(trace.Count(TimeSpan.Zero, spent), burst, long.MaxValue);
        await hammer.UntilAsync(spent + phase);
        AssertUsed(trace, spent, spent + phase, 0.98);
        AssertNoExcess(trace, leases);

        // One dies: whatever it knew is gone, and the budget may be where it was. Until that is noticed the others have their shares only:
        // so long a time that this is less than what may be missing.
        await nodes.KillAsync(2);
        var killed = hammer.Now;
        var after = longRun is null ? TimeSpan.FromSeconds(30) : phase;
        await hammer.UntilAsync(killed + after);
        AssertUsed(trace, killed, killed + after, 0.85);
        AssertNoExcess(trace, leases);

        // It comes back, and shards move to it.
        await nodes.StartAsync(2);
        await nodes.SettledAsync(0, 1, 2);
        await hammer.UntilAsync(hammer.Now + (phase / 2));
        AssertNoExcess(trace, leases);
        Assert.Equal(3, trace.ByNode().Count);
    }

    private static void AssertNoExcess(LimitTrace trace, long leases)
    {
        var excess = trace.FindExcess(leases);
        Assert.True(excess is null, $"{excess}\n{trace.BySecond()}");
    }

    private static void AssertUsed(LimitTrace trace, TimeSpan from, TimeSpan to, double part)
    {
        var wanted = trace.Budget.PerSecond * (to - from).TotalSeconds * part;
        var passed = trace.Count(from, to);
        Assert.True(passed >= wanted - 1, $"{passed} passed from {from} to {to}, at least {wanted:F0} should have; by node {string.Join(", ", trace.ByNode())}");
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
