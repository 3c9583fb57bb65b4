using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

public sealed class RiskWarningTests
{
    private const string Ours = """ "acceptedDomains": ["relay.example"], "routes": [ { "domain": "relay.example", "to": "smtp://m.test" } ] """;
    private const string Known = Ours + """ , "recipients": { "relay.example": "callout" } """;

    [Theory]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["0.0.0.0/0"] } }""", "delivery.nextHopNetworks[0]", "any domain's DNS")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["126.0.0.0/7"] } }""", "delivery.nextHopNetworks[0]", "any domain's DNS")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["::/0"] } }""", "delivery.nextHopNetworks[0]", "any domain's DNS")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["2002::/15"] } }""", "delivery.nextHopNetworks[0]", "any domain's DNS")]
    [InlineData("{" + Known + """, "calloutTrouble": "accept" }""", "calloutTrouble", "accepted unchecked")]
    [InlineData("""{ "clients": [ { "network": "0.0.0.0/0" } ] }""", "clients[0]", "frees every IPv4 client")]
    [InlineData("""{ "clients": [ { "network": "10.0.0.0/8" }, { "network": "::/0", "action": "reject" } ] }""", "clients[1]", "refuses every IPv6 client")]
    [InlineData("""{ "clients": [ { "network": "0.0.0.0/0", "action": "defer" } ] }""", "clients[0]", "refuses every IPv4 client")]
    [InlineData("{" + Known + """, "senders": { "block": ["relay.example"] } }""", "senders.block[0]", "your own users are refused too")]
    [InlineData("{" + Known + """, "senders": { "block": [".example"] } }""", "senders.block[0]", "your own users are refused too")]
    [InlineData("{" + Known + """, "senders": { "rules": [ { "sender": "relay.example", "action": "defer" } ] } }""", "senders.rules[0]", "your own users are refused too")]
    [InlineData("{" + Known + """, "postmaster": "a@elsewhere.example" }""", "postmaster", "any stranger can send there")]
    [InlineData("""{ "senders": { "ownDomainsFromOutside": "requireAuthentication" } }""", "senders.ownDomainsFromOutside", "does nothing")]
    [InlineData("""{ "senders": { "identities": { "a": ["a.example", ".example"] } } }""", "senders.identities[\"a\"][1]", "every domain that ends in .example")]
    [InlineData("""{ "penalty": { "refusals": 4 } }""", "penalty.refusals", "honest servers")]
    [InlineData("""{ "penalty": { "refusals": 1, "per": "30d" } }""", "penalty.refusals", "honest servers")]
    [InlineData("""{ "penalty": { "per": "25h" } }""", "penalty.per", "forgets refusals")]
    [InlineData("""{ "greylisting": { "delay": "1h", "remember": "1h" } }""", "greylisting.remember", "every mail of strangers")]
    public void Rule_that_does_more_than_is_likely_meant_has_a_warning(string json, string key, string message)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal((key, 1), (warning.Key, warning.Line));
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{" + Known + """, "calloutTrouble": "defer" }""")]
    [InlineData("""{ "calloutTrouble": "accept" }""")]
    [InlineData("""{ "clients": [ { "network": "0.0.0.0/1" }, { "network": "8000::/1", "action": "reject" } ] }""")]
    [InlineData("{" + Known + """, "senders": { "rules": [ { "sender": "bad@relay.example", "action": "reject" }, { "sender": "relay.example" } ], "block": [ "sub.relay.example", "x.example"] } }""")]
    [InlineData("{" + Known + """, "senders": { "ownDomainsFromOutside": "requireAuthentication" } }""")]
    [InlineData("{" + Known + """, "postmaster": "a@relay.example" }""")]
    [InlineData("""{ "postmaster": "a@elsewhere.example" }""")]
    [InlineData("""{ "senders": { "identities": { "a": [".a.example"], "*": ["b.example"] } } }""")]
    [InlineData("""{ "penalty": { "refusals": 5, "per": "1d" } }""")]
    [InlineData("""{ "penalty": { "refusals": 0 } }""")]
    [InlineData("""{ "greylisting": { "delay": "1h", "remember": "61m" } }""")]
    public void Rule_that_says_what_is_meant_has_none(string json)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        Assert.Empty(result.Warnings);
    }
}
