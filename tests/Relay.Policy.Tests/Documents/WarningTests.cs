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
        var warning = Assert.Single(result.Warnings, warning => !warning.Key.StartsWith("recipients[", StringComparison.Ordinal));
        Assert.Equal((key, 1), (warning.Key, warning.Line));
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "relay": { "networks": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"] } }""")]
    [InlineData("""{ "relay": { "networks": ["203.0.0.0/16", "192.0.2.7", "2001:db8::/32", "::1", "64:ff9b::c000:200/120", "2002:c000:200::/40"] } }""")]
    [InlineData("""{ "relay": { "never": ["0.0.0.0/0", "::/0"] } }""")]
    [InlineData("""{ "delivery": { "nextHopNetworks": ["0.0.0.0/0", "::/0"] } }""")]
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
        var warning = Assert.Single(result.Warnings, warning => !warning.Key.StartsWith("recipients[", StringComparison.Ordinal));
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
            result.Warnings.Select(warning => (warning.Key, warning.Line)));
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
}
