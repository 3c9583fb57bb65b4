using System.Text;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Cluster;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Node.Limits;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Tests.Limits;

/// <summary>When a node opens its listeners under a policy with limits.</summary>
public sealed class LimitGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LimitAgent _limits;

    public LimitGateTests() => _limits = new LimitAgent(new LimitBounds(), 3, _time);

    [Fact]
    public async Task It_waits_until_limits_can_be_asked()
    {
        var start = StartAsync("""{ "limits": [ { "name": "client", "rate": "1/s" } ] }""", new NodeSettings());
        Assert.False(start.IsCompleted);
        _limits.Attach(ActorRefs.Nobody);
        await start;
    }

    [Fact]
    public async Task It_does_not_wait_for_ever()
    {
        var start = StartAsync("""{ "limits": [ { "name": "client", "rate": "1/s" } ] }""", new NodeSettings());
        _time.Advance(new LimitWait().Max - TimeSpan.FromTicks(1));
        Assert.False(start.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await start;
    }

    [Fact]
    public async Task Without_limits_nobody_waits() => await StartAsync("{}", new NodeSettings());

    [Fact]
    public async Task A_witness_does_not_wait() => await StartAsync(
        """{ "limits": [ { "name": "client", "rate": "1/s" } ] }""", new NodeSettings { Cluster = new ClusterSection { Roles = [ClusterRoles.Witness] } });

    private Task StartAsync(string policy, NodeSettings settings)
    {
        var document = PolicyParser.Parse(Encoding.UTF8.GetBytes(policy)).Document!;
        var agent = new PolicyAgent(PolicySnapshot.Compile(document, version: 1), _limits);
        return new LimitGate(settings, agent, new LimitWait(), _time, NullLogger<LimitGate>.Instance).StartAsync(CancellationToken.None);
    }
}
