using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

/// <summary>Keys and values that a later version enforces: an error by name, never ignored.</summary>
public sealed class NotInForceTests
{
    [Theory]
    [InlineData("""{ "penalty": { "refusals": 0, "per": "1m", "for": "1m" } }""", "penalty")]
    public void Key_not_in_force_is_an_error_by_its_name(string json, string key)
    {
        var result = Parse(json);
        var error = Assert.Single(result.Errors);
        Assert.Null(result.Document);
        Assert.Equal(key, error.Key);
        Assert.Equal($"{key} is not in force in this version", error.Message);
    }

    [Theory]
    [InlineData("""{ "penalty": { "per": "1" } }""", "penalty.per")]
    [InlineData("""{ "penalty": { "per": 5 } }""", "penalty.per")]
    public void Key_not_in_force_is_checked_like_any_other(string json, string key)
    {
        var errors = Parse(json).Errors;
        Assert.Equal(2, errors.Count);
        Assert.Contains(errors, error => error.Message.EndsWith(" is not in force in this version", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Key == key && !error.Message.Contains("in force", StringComparison.Ordinal));
    }
}
