using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Pressure;
using Relay.Node.Listeners;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Tests.Listeners;

public sealed class ConnectionGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionGate _gate;

    public ConnectionGateTests()
    {
        _gate = new ConnectionGate(_time);
    }

    [Fact]
    public void A_client_has_as_many_connections_as_policy_says_and_gets_them_back()
    {
        var policy = Policy("""{ "connections": { "perClient": 2 } }""");
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Equal("connections.perClient", Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.2", policy));
        _gate.Leave(IPAddress.Parse("192.0.2.1"));
        Assert.Null(Enter("192.0.2.1", policy));
    }

    [Fact]
    public void An_IPv6_client_is_its_64_and_its_network_the_48()
    {
        var policy = Policy("""{ "connections": { "perClient": 1, "perNetwork": 2 } }""");
        Assert.Null(Enter("2001:db8:1:1::1", policy));
        Assert.Equal("connections.perClient", Enter("2001:db8:1:1:ffff::2", policy));
        Assert.Null(Enter("2001:db8:1:2::1", policy));
        Assert.Equal("connections.perNetwork", Enter("2001:db8:1:3::1", policy));
        Assert.Null(Enter("2001:db8:2::1", policy));
    }

    [Theory]
    [InlineData(15, int.MaxValue, PressureLevel.Normal)]
    [InlineData(16, int.MaxValue, PressureLevel.Medium)]
    [InlineData(18, int.MaxValue, PressureLevel.Medium)]
    [InlineData(19, int.MaxValue, PressureLevel.High)]
    [InlineData(16, 16, PressureLevel.High)] // no more files
    public void Clients_have_less_time_the_fewer_connections_are_left(int open, int openFilesMax, PressureLevel level)
    {
        var gate = new ConnectionGate(_time, openFilesMax);
        var policy = Policy("""{ "connections": { "total": 20, "perClient": 20 } }""");
        for (var i = 0; i < open; i++)
        {
            Assert.Null(gate.Enter(IPAddress.Loopback, policy));
        }

        Assert.Equal(level, gate.CrowdingUnder(policy.Connections));
    }

    [Fact]
    public void A_24_shares_its_connections()
    {
        var policy = Policy("""{ "connections": { "perNetwork": 2 } }""");
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.2", policy));
        Assert.Equal("connections.perNetwork", Enter("192.0.2.3", policy));
        Assert.Null(Enter("192.0.3.1", policy));
    }

    [Fact]
    public void Relay_networks_are_exempt_from_all_but_the_total()
    {
        var policy = Policy("""{ "relay": { "networks": ["192.0.2.0/24"] }, "connections": { "total": 3, "perClient": 1, "perNetwork": 1, "ratePerClient": "1/h" } }""");
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Equal("connections.total", Enter("192.0.2.1", policy));
    }

    [Fact]
    public void A_client_connects_as_fast_as_policy_says_and_no_faster()
    {
        var policy = Policy("""{ "connections": { "ratePerClient": "60/min" } }""");
        for (var i = 0; i < 60; i++)
        {
            Assert.Null(Enter("192.0.2.1", policy));
            _gate.Leave(IPAddress.Parse("192.0.2.1"));
        }

        Assert.Equal("connections.ratePerClient", Enter("192.0.2.1", policy));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Equal("connections.ratePerClient", Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.9", policy));
    }

    [Fact]
    public void Open_files_bound_everyone_below_the_total()
    {
        var gate = new ConnectionGate(_time, openFilesMax: 2);
        var policy = Policy("""{ "relay": { "networks": ["192.0.2.0/24"] }, "connections": { "total": 3 } }""");
        Assert.Null(gate.Enter(IPAddress.Parse("192.0.2.1"), policy));
        Assert.Null(gate.Enter(IPAddress.Parse("192.0.2.1"), policy));
        Assert.Equal("open files", gate.Enter(IPAddress.Parse("192.0.2.1"), policy));
        Assert.Equal("connections.total", gate.Enter(IPAddress.Parse("192.0.2.1"), Policy("""{ "connections": { "total": 2 } }""")));
        gate.Leave(IPAddress.Parse("192.0.2.1"));
        Assert.Null(gate.Enter(IPAddress.Parse("192.0.2.1"), policy));
    }

    [Fact]
    public void Emptiness_is_told_when_the_last_one_leaves()
    {
        var policy = Policy("{}");
        Assert.True(_gate.WhenEmptyAsync().IsCompleted);
        Assert.Null(Enter("192.0.2.1", policy));
        Assert.Null(Enter("192.0.2.2", policy));
        var empty = _gate.WhenEmptyAsync();
        _gate.Leave(IPAddress.Parse("192.0.2.1"));
        Assert.False(empty.IsCompleted);
        _gate.Leave(IPAddress.Parse("192.0.2.2"));
        Assert.True(empty.IsCompleted);
    }

    [Fact]
    public void Nothing_is_counted_when_everyone_has_left()
    {
        var policy = Policy("{}");
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(Enter($"192.0.{i}.1", policy));
        }

        for (var i = 0; i < 100; i++)
        {
            _gate.Leave(IPAddress.Parse($"192.0.{i}.1"));
        }

        Assert.Equal(0, _gate.Total);
    }

    private static PolicySnapshot Policy(string json)
    {
        var parsed = PolicyParser.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Empty(parsed.Errors);
        return PolicySnapshot.Compile(parsed.Document!, 1);
    }

    private string? Enter(string address, PolicySnapshot policy) => _gate.Enter(IPAddress.Parse(address), policy);
}
