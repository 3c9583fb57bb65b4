using Relay.Policy.Documents;

namespace Relay.Policy.Tests.Documents;

public sealed class NearestKeyTests
{
    private static readonly string[] Keys =
        ["acceptedDomains", "recipients", "postmaster", "relay", "routes", "limits", "delivery", "message"];

    [Theory]
    [InlineData("acceptedDomain", "acceptedDomains")]
    [InlineData("accepteddomains", "acceptedDomains")]
    [InlineData("AcceptedDomains", "acceptedDomains")]
    [InlineData("acceptDomains", "acceptedDomains")]
    [InlineData("realy", "relay")]
    [InlineData("rellay", "relay")]
    [InlineData("route", "routes")]
    [InlineData("rotues", "routes")]
    [InlineData("postMaster", "postmaster")]
    [InlineData("recipient", "recipients")]
    [InlineData("relay", "relay")]
    public void Nearest_key_is_what_was_likely_meant(string key, string expected) => Assert.Equal(expected, NearestKey.Find(key, Keys));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("colour")]
    [InlineData("dnsBlocklists")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000")]
    public void Nothing_is_named_when_nothing_is_near(string key) => Assert.Null(NearestKey.Find(key, Keys));

    [Fact]
    public void Nothing_is_named_without_valid_keys() => Assert.Null(NearestKey.Find("relay", []));

    [Fact]
    public void Long_keys_are_not_compared()
    {
        var key = new string('a', NearestKey.LengthMax);
        Assert.Equal(key, NearestKey.Find(key, [key + "a", key]));
        Assert.Null(NearestKey.Find(key + "a", [key]));
    }

    [Fact]
    public void First_of_equally_near_keys_wins() => Assert.Equal("perClients", NearestKey.Find("perClient", ["perClients", "perClientx"]));
}
