using Relay.Node.Tests.EndToEnd;

namespace Relay.Node.Tests.Policies;

/// <summary>Three nodes of one cluster for the tests of what nodes tell each other of clients, users and strangers: they take long to start.</summary>
public sealed class GuardedTrio : IAsyncLifetime
{
    /// <summary>The collection's name.</summary>
    public const string Name = "guarded trio";

    private const string Policy = """
        {
          "acceptedDomains": ["relay.example"], "relay": { "networks": ["127.0.0.1"] },
          "penalty": { "refusals": 6, "per": "1h", "for": "1h" }, "breaker": { "failures": 6 }, "greylisting": { "delay": "2s" },
          "connections": { "ratePerClient": "1000000/min" }
        }
        """;

    private NodeTrio _trio = null!;

    internal RunningNode this[int index] => _trio[index];

    internal IEnumerable<RunningNode> All => _trio.All;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _trio = await NodeTrio.StartAsync(Policy);

    internal async Task RestartAsync(int index)
    {
        await _trio.StopAsync(index);
        await _trio.StartAsync(index);
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => _trio.DisposeAsync().AsTask();
}

/// <summary>The tests that share the three nodes, one after another.</summary>
[CollectionDefinition(GuardedTrio.Name)]
public sealed class GuardedTrioTests : ICollectionFixture<GuardedTrio>;
