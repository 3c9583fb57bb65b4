using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

/// <summary>Keys and values that a later version enforces: an error by name, never ignored.</summary>
public sealed class NotInForceTests
{
    [Theory]
    [InlineData("""{ "senders": { "block": ["x.example", ".x.example", "a@b.example"] } }""", "senders.block")]
    [InlineData("""{ "senders": { "ownDomainsFromOutside": "accept" } }""", "senders.ownDomainsFromOutside")]
    [InlineData("""{ "limits": [] }""", "limits")]
    [InlineData("""{ "limits": [ { "name": "a", "key": ["user", "client"], "rate": "1/s", "burst": 1, "unproven": true } ] }""", "limits")]
    [InlineData("""{ "onLimitUnavailable": "defer" }""", "onLimitUnavailable")]
    [InlineData("""{ "penalty": { "refusals": 0, "per": "1m", "for": "1m" } }""", "penalty")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "zen.example", "answers": ["127.0.0.2"], "action": "log" } ] }""", "dnsBlocklists")]
    public void Key_not_in_force_is_an_error_by_its_name(string json, string key)
    {
        var result = Parse(json);
        var error = Assert.Single(result.Errors);
        Assert.Null(result.Document);
        Assert.Equal(key, error.Key);
        Assert.Equal($"{key} is not in force in this version", error.Message);
    }

    [Theory]
    [InlineData("""{ "senders": { "block": ["@x.example"] } }""", "senders.block[0]")]
    [InlineData("""{ "senders": { "block": ["a@b@c"] } }""", "senders.block[0]")]
    [InlineData("""{ "senders": { "ownDomainsFromOutside": "refuse" } }""", "senders.ownDomainsFromOutside")]
    [InlineData("""{ "limits": [ { "rate": "1/s" } ] }""", "limits[0].name")]
    [InlineData("""{ "limits": [ { "name": "a b", "rate": "1/s" } ] }""", "limits[0].name")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": "host" } ] }""", "limits[0].key")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": ["client", "host"] } ] }""", "limits[0].key[1]")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unit": "mails" } ] }""", "limits[0].unit")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "burst": 0 } ] }""", "limits[0].burst")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unproven": 1 } ] }""", "limits[0].unproven")]
    [InlineData("""{ "onLimitUnavailable": true }""", "onLimitUnavailable")]
    [InlineData("""{ "penalty": { "per": "1" } }""", "penalty.per")]
    [InlineData("""{ "dnsBlocklists": [ { "answers": [] } ] }""", "dnsBlocklists[0].zone")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "[192.0.2.1]" } ] }""", "dnsBlocklists[0].zone")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "a.example", "answers": ["128.0.0.2"] } ] }""", "dnsBlocklists[0].answers[0]")]
    [InlineData("""{ "dnsBlocklists": [ { "zone": "a.example", "action": "drop" } ] }""", "dnsBlocklists[0].action")]
    [InlineData("""{ "penalty": { "per": 5 } }""", "penalty.per")]
    public void Key_not_in_force_is_checked_like_any_other(string json, string key)
    {
        var errors = Parse(json).Errors;
        Assert.Equal(2, errors.Count);
        Assert.Contains(errors, error => error.Message.EndsWith(" is not in force in this version", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Key == key && !error.Message.Contains("in force", StringComparison.Ordinal));
    }
}
