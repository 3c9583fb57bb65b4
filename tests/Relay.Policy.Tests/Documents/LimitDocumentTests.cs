using Relay.Policy.Limits;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

/// <summary>What can be written in <c>limits</c>, what of it is wrong, and what is likely not meant.</summary>
public sealed class LimitDocumentTests
{
    [Fact]
    public void Only_name_and_rate_must_be_there()
    {
        var limit = Assert.Single(Document("""{ "limits": [ { "name": "a", "rate": "100/min" } ] }""").Limits);
        Assert.Equal(("a", LimitUnit.Messages, LimitAudience.All, false), (limit.Name, limit.Unit, limit.Audience, limit.CountsUnproven));
        Assert.Equal([LimitKeyPart.Client], limit.Key);
        Assert.Equal(new LimitBudget(100, TimeSpan.FromMinutes(1), 100), limit.Budget);
    }

    [Fact]
    public void All_of_a_limit_is_read()
    {
        var document = Document("""
            {
              "limits": [ { "name": "a", "key": ["user", "recipientDomain"], "unit": "recipients", "rate": "5/s", "burst": 7, "for": "untrusted", "unproven": true } ],
              "onLimitUnavailable": "defer"
            }
            """);
        var limit = Assert.Single(document.Limits);
        Assert.Equal([LimitKeyPart.User, LimitKeyPart.RecipientDomain], limit.Key);
        Assert.Equal((LimitUnit.Recipients, LimitAudience.Untrusted, true), (limit.Unit, limit.Audience, limit.CountsUnproven));
        Assert.Equal(new LimitBudget(5, TimeSpan.FromSeconds(1), 7), limit.Budget);
        Assert.Equal(LimitFallback.Defer, document.OnLimitUnavailable);
    }

    [Theory]
    [InlineData("""{ "limits": [ { "rate": "1/s" } ] }""", "limits[0].name")]
    [InlineData("""{ "limits": [ { "name": "a" } ] }""", "limits[0].rate")]
    [InlineData("""{ "limits": [ { "name": "a b", "rate": "1/s" } ] }""", "limits[0].name")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": "host" } ] }""", "limits[0].key")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": ["client", "host"] } ] }""", "limits[0].key[1]")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": ["client", "client"] } ] }""", "limits[0].key[1]")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": [] } ] }""", "limits[0].key")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unit": "mails" } ] }""", "limits[0].unit")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unit": "connections", "key": "user" } ] }""", "limits[0].key")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unit": "connections", "key": ["client", "senderDomain"] } ] }""", "limits[0].key")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "burst": 0 } ] }""", "limits[0].burst")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "unproven": 1 } ] }""", "limits[0].unproven")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "bursts": 1 } ] }""", "limits[0].bursts")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s" }, { "name": "a", "rate": "2/s" } ] }""", "limits[1].name")]
    [InlineData("""{ "onLimitUnavailable": true }""", "onLimitUnavailable")]
    public void Mistake_has_an_error_with_its_key(string json, string key)
    {
        var error = Assert.Single(Parse(json).Errors);
        Assert.Equal((key, 1), (error.Key, error.Line));
    }

    [Fact]
    public void Key_with_a_slip_is_told_its_nearest_one()
    {
        var error = Assert.Single(Parse("""{ "limits": [ { "name": "a", "rate": "1/s", "bursts": 1 } ] }""").Errors);
        Assert.Contains("did you mean \"burst\"?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_limits_than_each_mail_can_be_held_against_are_an_error()
    {
        var many = string.Join(',', Enumerable.Range(0, RateLimit.LimitsMax + 1).Select(i => $$"""{ "name": "n{{i}}", "rate": "1/s" }"""));
        Assert.Equal("limits", Assert.Single(Parse($$"""{ "limits": [{{many}}] }""").Errors).Key);
    }

    [Theory]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": "senderDomain", "unproven": true } ] }""", "limits[0].unproven", "anyone can use up")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": ["client", "senderDomain"], "unproven": true } ] }""", "limits[0].unproven", "does nothing")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": "recipientDomain", "for": "untrusted" } ] }""", "limits[0]", "counts nothing")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": "user", "for": "untrusted" } ] }""", "limits[0]", "counts nothing")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1000/s", "unit": "bytes" } ] }""", "limits[0]", "larger than the burst")]
    [InlineData("""{ "onLimitUnavailable": "localShare" }""", "onLimitUnavailable", "does nothing")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s" } ], "onLimitUnavailable": "allow" }""", "onLimitUnavailable", "does not hold at all")]
    public void Trap_has_a_warning(string json, string key, string message)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal((key, 1), (warning.Key, warning.Line));
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "1/s", "key": ["client", "recipientDomain"], "for": "untrusted" } ], "onLimitUnavailable": "defer" }""")]
    [InlineData("""{ "limits": [ { "name": "a", "rate": "100000000/d", "unit": "bytes" } ] }""")]
    public void Limit_that_says_what_is_meant_has_none(string json)
    {
        var result = Parse(json);
        Assert.NotNull(result.Document);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Explanation_names_the_limits_that_count()
    {
        var policy = Compile("""
            {
              "acceptedDomains": ["relay.example"],
              "limits": [ { "name": "client", "rate": "100/min", "burst": 200 }, { "name": "mine", "key": "user", "rate": "1/s" } ]
            }
            """);
        var steps = policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("u@relay.example")).Steps;
        var step = Assert.Single(steps, step => step.Key == "limits");
        Assert.Equal("limits[\"client\"] (line 3) counts messages of \"client 203.0.113.9\": 100/min, burst 200", step.Finding);
    }
}
