using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Policy.Values;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class DestinationRulesTests
{
    private static readonly RouteTarget Hop = new("smtp", "hop.example", 25);

    [Theory]
    [InlineData("{}", 20, null)]
    [InlineData("""{ "delivery": { "connectionsPerDestination": 7, "ratePerDestination": "60/min" } }""", 7, "60/min")]
    [InlineData("""{ "routes": [ { "domain": "a.example", "to": "smtp://hop.example", "connections": 2, "rate": "5/s" } ] }""", 2, "5/s")]
    [InlineData("""{ "delivery": { "connectionsPerDestination": 7 }, "routes": [ { "domain": "*", "to": "smtp://hop.example", "rate": "5/s" } ] }""", 7, "5/s")]
    [InlineData("""{ "routes": [ { "domain": "*", "to": "smtp://other.example", "connections": 2, "rate": "5/s" } ] }""", 20, null)]
    public void A_route_says_it_for_its_next_hop_and_delivery_for_all_others(string json, int connections, string? rate)
    {
        var rules = Compile(json).DestinationRulesOf(Hop);
        Assert.Equal((connections, rate), (rules.Connections, rules.Rate?.ToString()));
    }

    [Fact]
    public void A_site_that_is_found_by_MX_has_the_rules_of_delivery()
    {
        var policy = Compile("""{ "delivery": { "ratePerDestination": "9/h" }, "routes": [ { "domain": "*", "to": "smtp://hop.example", "rate": "5/s" } ] }""");
        Assert.Equal("9/h", policy.DestinationRulesOf(null).Rate?.ToString());
    }

    [Theory]
    [InlineData(5, 1, 5)]
    [InlineData(600, 60, 10)]
    [InlineData(100, 60, 1)]
    [InlineData(9, 3600, 1)]
    public void What_a_rate_gives_in_a_second_may_go_at_once_and_one_message_at_least(long count, int seconds, long burst)
    {
        var rate = new Rate(count, TimeSpan.FromSeconds(seconds));
        Assert.Equal(new LimitBudget(count, rate.Period, burst), new DestinationRules(20, rate).Budget);
    }
}
