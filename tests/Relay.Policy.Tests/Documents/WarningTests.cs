using Relay.Policy.Documents;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

public sealed class WarningTests
{
    [Theory]
    [InlineData("""{ "relay": { "networks": ["203.0.0.0/15"] } }""", "relay.networks[0]", "wide public network")]
    [InlineData("""{ "relay": { "networks": ["11.0.0.0/8"] } }""", "relay.networks[0]", "wide public network")]
    [InlineData("""{ "relay": { "networks": ["2001:db8::/31"] } }""", "relay.networks[0]", "wide public network")]
    [InlineData("""{ "acceptedDomains": ["relay.example", ".example"] }""", "acceptedDomains[1]", "every domain that ends in .example")]
    [InlineData("""{ "acceptedDomains": [".relay.example"] }""", "postmaster", "bare postmaster is refused")]
    [InlineData("""{ "message": { "size": "63 KiB" } }""", "message.size", "RFC 5321")]
    [InlineData("""{ "message": { "recipients": 99 } }""", "message.recipients", "RFC 5321")]
    [InlineData("""{ "delivery": { "warnAfter": "5d" } }""", "delivery.warnAfter", "delivery.warnAfter (5d) is not less than delivery.expire (5d)")]
    [InlineData("""{ "delivery": { "expire": "3h" } }""", "delivery.expire", "delivery.warnAfter (4h) is not less than delivery.expire (3h)")]
    [InlineData("""{ "delivery": { "expire": "1h", "warnAfter": "90m" } }""", "delivery.warnAfter", "nobody is told of a delay")]
    public void Valid_document_that_was_likely_not_meant_has_a_warning(string json, string key, string message)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        var warning = Assert.Single(result.Warnings, IsOfRule);
        Assert.Equal((key, 1), (warning.Key, warning.Line));
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "relay": { "networks": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"] } }""")]
    [InlineData("""{ "relay": { "networks": ["203.0.0.0/16", "192.0.2.7", "2001:db8::/32", "::1", "64:ff9b::c000:200/120", "2002:c000:200::/40"] } }""")]
    [InlineData("""{ "relay": { "listeners": ["x"], "never": ["0.0.0.0/0", "::/0"] } }""")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["127.0.0.0/8", "0.0.0.0/8", "fc00::/7", "2001::/16"] } }""")]
    [InlineData("""{ "message": { "size": "64 KiB", "recipients": 100 } }""")]
    [InlineData("""{ "postmaster": "a@b.example" }""")]
    [InlineData("""{ "delivery": { "expire": "1d", "warnAfter": "23h" } }""")]
    public void Ordinary_document_has_none(string json)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("{ \"relay\": { \"networks\": [\n\"10.0.0.0/8\",\n\"::ffff:10.0.0.0/104\"] } }", "relay.networks[1]", "10.0.0.0/8")]
    [InlineData("{ \"relay\": { \"never\": [\n\"192.0.2.7\",\n\"192.0.2.7/32\"] } }", "relay.never[1]", "192.0.2.7")]
    [InlineData("{ \"delivery\": { \"nextHopNetworks\": [\n\"::1\",\n\"::1\"] } }", "delivery.nextHopNetworks[1]", "::1")]
    [InlineData("{ \"acceptedDomains\": [\n\"relay.example\",\n\"RELAY.example\"] }", "acceptedDomains[1]", "relay.example")]
    public void What_is_there_twice_has_a_warning_with_both_lines(string json, string key, string item)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        var warning = Assert.Single(result.Warnings, IsOfRule);
        Assert.Equal((key, 3, $"{item} is there twice: on line 2 and on line 3"), (warning.Key, warning.Line, warning.Message));
    }

    [Fact]
    public void Every_accepted_domain_has_a_warning_when_its_recipients_are_not_known()
    {
        var result = Parse("""
            { "acceptedDomains": [
              "a.example",
              ".a.example",
              "b.example", "c.example",
              "sub.a.example",
              ".b.example"],
              "postmaster": "x@a.example",
              "recipients": { "a.example": "none", ".a.example": "callout", "b.example": "file:x", ".sub.b.example": "callout" } }
            """);
        Assert.Equal(
            [("recipients[\"a.example\"]", 2), ("recipients[\"c.example\"]", 4), ("recipients[\".b.example\"]", 6)],
            result.Warnings.Where(warning => !warning.Message.Contains("no route", StringComparison.Ordinal)).Select(warning => (warning.Key, warning.Line)));
    }

    [Fact]
    public void Users_who_may_send_as_anyone_have_a_warning()
    {
        var warning = Assert.Single(Parse("{ \"relay\": {\n \"authenticated\": true } }").Warnings);
        Assert.Equal(("relay.authenticated", 2), (warning.Key, warning.Line));
        Assert.Contains("senders.identities", warning.Message, StringComparison.Ordinal);
        Assert.Empty(Parse("""{ "relay": { "authenticated": false } }""").Warnings);
        Assert.Empty(Parse("""{ "relay": { "authenticated": true }, "senders": { "identities": { "a": ["a.example"] } } }""").Warnings);
    }

    [Fact]
    public void Accepted_domain_without_a_route_has_a_warning()
    {
        var result = Parse("""
            { "acceptedDomains": [
              "a.example",
              ".a.example",
              "x.b.example",
              ".x.b.example",
              "c.example",
              "d.example"],
              "routes": [ { "domain": "a.example", "to": "smtp://m.test" }, { "domain": ".b.example", "to": "smtp://m.test" }, { "domain": "d.example", "tls": "may" } ] }
            """);
        Assert.Equal(
            [("acceptedDomains[1]", 3), ("acceptedDomains[4]", 6), ("acceptedDomains[5]", 7)],
            result.Warnings.Where(warning => warning.Message.Contains("no route", StringComparison.Ordinal)).Select(warning => (warning.Key, warning.Line)));
        Assert.DoesNotContain(
            Parse("""{ "acceptedDomains": ["a.example"], "routes": [ { "domain": "*", "to": "smtp://m.test" } ] }""").Warnings,
            warning => warning.Message.Contains("no route", StringComparison.Ordinal));
    }

    [Fact]
    public void Accepted_domain_that_only_the_smart_host_is_for_has_a_warning()
    {
        var result = Parse("""
            { "acceptedDomains": [
              "a.example",
              "b.example"],
              "routes": [ { "domain": "*", "to": "smtp://m.test" }, { "domain": "b.example", "to": "smtp://n.test" } ] }
            """);
        var warning = Assert.Single(result.Warnings, warning => warning.Message.Contains("smart host", StringComparison.Ordinal));
        Assert.Equal(("acceptedDomains[0]", 2), (warning.Key, warning.Line));
    }

    [Theory]
    [InlineData("""{ "relay": { "networks": ["192.0.2.0/24"], "never": ["10.0.0.0/8"] } }""", "relay.never[0]", "shadows nothing")]
    [InlineData("""{ "relay": { "never": ["2001:db8::/32"] } }""", "relay.never[0]", "shadows nothing")]
    [InlineData("""{ "clients": [ { "network": "10.0.0.0/8" }, { "network": "10.1.0.0/16", "action": "reject" } ] }""", "clients[1]", "never matches")]
    [InlineData("""{ "clients": [ { "network": "10.1.0.0/16" }, { "name": "a.example" }, { "network": "10.1.0.0/16" } ] }""", "clients[2]", "never matches")]
    [InlineData("""{ "clients": [ { "name": ".example" }, { "name": "a.example", "action": "reject" } ] }""", "clients[1]", "never matches")]
    [InlineData("""{ "senders": { "rules": [ { "sender": "a.example" }, { "sender": "x@A.example", "action": "reject" } ] } }""", "senders.rules[1]", "never matches")]
    [InlineData("""{ "senders": { "rules": [ { "sender": "x@a.example" } ], "block": ["b.example", "\"X\"@a.example"] } }""", "senders.block[1]", "never matches")]
    [InlineData("""{ "senders": { "block": [".example", ".a.example"] } }""", "senders.block[1]", "never matches")]
    [InlineData("""{ "senders": { "identities": {} } }""", "senders.identities", "no authenticated user")]
    [InlineData("""{ "senders": { "identities": { "a": [] } } }""", "senders.identities[\"a\"]", "may name no sender")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "a.example", "answers": [] } ] }""", "dnsBlocklists[0].answers", "no answer of the list counts")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "a.example", "answers": ["127.0.0.2", "127.255.255.254"] } ] }""", "dnsBlocklists[0].answers[1]", "do not serve the asker")]
    [InlineData("""{ "dnsAllowlists": [ { "zone": "a.example" } ] }""", "dnsAllowlists", "does nothing")]
    public void Rule_that_does_nothing_has_a_warning(string json, string key, string message)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal((key, 1), (warning.Key, warning.Line));
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "relay": { "networks": ["10.0.0.0/8"], "never": ["10.66.0.0/16"] } }""")]
    [InlineData("""{ "relay": { "networks": ["10.66.1.0/24", "10.66.2.0/24"], "never": ["10.66.0.0/16"] } }""")]
    [InlineData("""{ "relay": { "listeners": ["x"], "never": ["10.66.0.0/16"] } }""")]
    [InlineData("""{ "relay": { "authenticated": true, "never": ["10.66.0.0/16"] }, "senders": { "identities": { "*": ["a.example"] } } }""")]
    [InlineData("""{ "clients": [ { "network": "10.1.0.0/16", "action": "reject" }, { "network": "10.0.0.0/8" }, { "network": "11.0.0.0/8" } ] }""")]
    [InlineData("""{ "clients": [ { "name": "a.example" }, { "name": ".a.example" }, { "name": ".example", "action": "reject" } ] }""")]
    [InlineData("""{ "senders": { "rules": [ { "sender": "x@a.example" }, { "sender": "a.example" } ], "block": [".a.example", "y@b.example"] } }""")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "a.example" } ], "dnsAllowlists": [ { "zone": "a.example" } ] }""")]
    public void Rule_that_can_match_has_none(string json)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        Assert.Empty(result.Warnings);
    }

    /// <summary>Without those that nearly every short document has.</summary>
    private static bool IsOfRule(PolicyError warning) =>
        !warning.Key.StartsWith("recipients[", StringComparison.Ordinal)
        && !warning.Message.Contains("no route", StringComparison.Ordinal)
        && !warning.Message.Contains("shadows nothing", StringComparison.Ordinal);
}
