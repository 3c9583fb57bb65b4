using System.Net;
using Relay.Policy.Decisions;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class NextHopTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.0.8")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff:ffff::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("100::1")]
    [InlineData("::ffff:127.0.0.1")] // IPv4-mapped
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::127.0.0.1")] // IPv4-compatible
    [InlineData("::ffff:0:127.0.0.1")] // IPv4-translated
    [InlineData("64:ff9b::127.0.0.1")] // NAT64
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")] // 6to4
    [InlineData("2002:0a00:0001::1")]
    [InlineData("2002:c0a8:0101:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:2::1")] // benchmarks
    [InlineData("5f00::1")] // segment identifiers
    public void Special_address_is_no_next_hop_by_DNS_unless_it_is_named(string address)
    {
        var hop = IPAddress.Parse(address);
        Assert.False(Compile("{}").MayConnectTo(hop));
        var named = hop.IsIPv4MappedToIPv6 ? hop.MapToIPv4().ToString() : address.Split('%')[0];
        named = IPAddress.Parse(named).ToString();
        Assert.True(Compile($$"""{ "delivery": { "nextHopNetworks": ["{{named}}"] } }""").MayConnectTo(hop));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:203.0.113.9")]
    [InlineData("2001:db8::1")]
    [InlineData("2a00::1")]
    [InlineData("fbff::1")]
    [InlineData("fe00::1")]
    [InlineData("64:ff9b::203.0.113.9")]
    [InlineData("2002:cb00:7109::1")]
    public void Public_address_is_a_next_hop(string address) => Assert.True(Compile("{}").MayConnectTo(IPAddress.Parse(address)));

    [Fact]
    public void Wrapped_address_needs_a_line_of_its_own()
    {
        var policy = Compile("""{ "delivery": { "nextHopNetworks": ["10.0.0.0/8"] } }""");
        Assert.True(policy.MayConnectTo(IPAddress.Parse("10.0.0.1")));
        Assert.True(policy.MayConnectTo(IPAddress.Parse("::ffff:10.0.0.1")));
        Assert.False(policy.MayConnectTo(IPAddress.Parse("2002:0a00:0001::1")));
        Assert.False(policy.MayConnectTo(IPAddress.Parse("127.0.0.1")));
    }

    [Theory]
    [InlineData("n@[127.0.0.1]", "delivery.nextHopNetworks")]
    [InlineData("n@[169.254.169.254]", "delivery.nextHopNetworks")]
    [InlineData("n@[IPv6:::1]", "delivery.nextHopNetworks")]
    [InlineData("n@[IPv6:::ffff:127.0.0.1]", "delivery.nextHopNetworks")]
    [InlineData("n@[10.0.0.1]", "relay.networks[\"192.0.2.7\"]")]
    [InlineData("n@[203.0.113.9]", "relay.networks[\"192.0.2.7\"]")]
    public void Address_literal_of_a_special_address_is_refused_at_once(string recipient, string rule)
    {
        var policy = Compile("""{ "relay": { "networks": ["192.0.2.7"] }, "delivery": { "nextHopNetworks": ["10.0.0.0/8"] } }""");
        var verdict = policy.Decide(Client("192.0.2.7"), recipient);
        Assert.Equal(rule, verdict.Rule);
        Assert.Equal(verdict.IsAccept ? null : "5.4.4", verdict.Reply?.Status.ToString());
    }

    [Fact]
    public void Address_literal_goes_by_the_route_for_everything_else()
    {
        var policy = Compile("""
            { "relay": { "networks": ["192.0.2.7"] }, "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:2526" } ] }
            """);
        Assert.True(policy.Decide(Client("192.0.2.7"), "n@[127.0.0.1]").IsAccept);
        Assert.Equal(VerdictAction.Refuse, policy.Decide(Client("192.0.2.8"), "n@[127.0.0.1]").Action);
    }
}
