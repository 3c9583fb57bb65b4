using Relay.Policy.Decisions;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>What connections demand of TLS, and who we are to a smart host.</summary>
public sealed class TlsRouteTests
{
    private const string Routes = """
        { "delivery": { "tls": "encrypt" },
          "routes": [
            { "domain": "plain.example", "to": "lmtp://127.0.0.1", "tls": "none" },
            { "domain": "mx.example", "tls": "verify" },
            { "domain": ".mx.example", "to": "smtp://below.internal" },
            { "domain": "*", "to": "smtp://smart.example:587", "tls": "verify", "auth": { "user": "relay", "passwordFile": "p" } } ] }
        """;

    [Theory]
    [InlineData("plain.example", TlsLevel.None, "lmtp://127.0.0.1:24")]
    [InlineData("MX.example", TlsLevel.Verify, null)]
    [InlineData("a.mx.example", TlsLevel.Encrypt, "smtp://below.internal:25")]
    [InlineData("else.example", TlsLevel.Verify, "smtp://smart.example:587")]
    public void Most_specific_route_has_the_demand_and_goes_by_MX_without_a_next_hop(string domain, TlsLevel tls, string? target)
    {
        var policy = Compile(Routes);
        Assert.Equal(tls, policy.TlsFor(Domain(domain)));
        Assert.Equal(target, policy.FindRoute(Domain(domain))?.Target.ToString());
    }

    [Fact]
    public void A_next_hop_has_its_auth_and_the_others_have_none()
    {
        var policy = Compile(Routes);
        Assert.Equal(new RouteAuth("relay", "p"), policy.AuthFor(policy.FindRoute(Domain("else.example"))!.Target));
        Assert.Null(policy.AuthFor(policy.FindRoute(Domain("plain.example"))!.Target));
    }

    [Fact]
    public void Without_a_word_TLS_is_used_when_it_is_offered()
    {
        Assert.Equal(TlsLevel.May, Compile("{}").TlsFor(Domain("a.example")));
        Assert.Equal(TlsLevel.May, PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true).TlsFor(Domain("a.example")));
    }

    [Theory]
    [InlineData("""{ "domain": "a.example" }""", "to", "is missing: name a next hop, or with tls alone what the way by MX demands")]
    [InlineData("""{ "domain": "a.example", "tls": "must" }""", "tls", "\"must\" is not one of none, may, encrypt, verify")]
    [InlineData("""{ "domain": "a.example", "tls": "verify", "auth": { "user": "u", "passwordFile": "p" } }""", "auth", "needs a next hop: write to")]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "auth": { "user": "u" } }""", "auth.passwordFile", "is missing")]
    [InlineData("""{ "domain": "a.example", "tls": "verify", "rate": "1/s" }""", "rate", "needs a next hop: write to")]
    [InlineData("""{ "domain": "a.example", "tls": "verify", "connections": 1 }""", "connections", "needs a next hop: write to")]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "connections": 0 }""", "connections", null)]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "rate": "1 a day" }""", "rate", null)]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "auth": { "user": "u", "password": "p", "passwordFile": "p" } }""", "auth.password", "unknown key: did you mean \"passwordFile\"?")]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "auth": { "user": "a\u0000b", "passwordFile": "p" } }""", "auth.user", null)]
    [InlineData("""{ "domain": "a.example", "to": "smtp://x", "tls": "none", "auth": { "user": "u", "passwordFile": "p" } }""", "auth", "needs tls: a password is never sent in the clear")]
    public void What_cannot_be_meant_is_an_error(string route, string key, string? message)
    {
        var error = Assert.Single(Parse($$"""{ "routes": [ {{route}} ] }""").Errors);
        Assert.Equal($"routes[0].{key}", error.Key);
        Assert.Equal(message ?? error.Message, error.Message);
    }

    [Theory]
    [InlineData("""{ "domain": "b.example", "to": "smtp://x:25", "tls": "verify" }""", "tls")]
    [InlineData("""{ "domain": "b.example", "to": "smtp://X", "auth": { "user": "u", "passwordFile": "p" } }""", "auth")]
    [InlineData("""{ "domain": "b.example", "to": "smtp://x", "rate": "1/s" }""", "rate")]
    [InlineData("""{ "domain": "b.example", "to": "smtp://x", "connections": 1 }""", "connections")]
    public void Two_routes_to_one_next_hop_that_differ_are_an_error_that_names_both(string second, string key)
    {
        var result = Parse($"{{ \"routes\": [ {{ \"domain\": \"a.example\", \"to\": \"smtp://x\" }},\n{second} ] }}");
        var error = Assert.Single(result.Errors);
        Assert.Equal($"routes[1].{key}", error.Key);
        Assert.Equal($"routes[1] and routes[0] (line 1) lead to smtp://x:25 with different {key}: write the same in both", error.Message);
    }

    [Fact]
    public void Two_routes_to_one_next_hop_agree_when_one_says_the_default() =>
        Assert.NotNull(Parse("""{ "routes": [ { "domain": "a.example", "to": "smtp://x" }, { "domain": "b.example", "to": "smtp://x", "tls": "may" } ] }""").Document);

    [Fact]
    public void A_password_for_whoever_answers_is_warned_of()
    {
        var result = Parse("""{ "routes": [ { "domain": "*", "to": "smtp://x", "tls": "encrypt", "auth": { "user": "u", "passwordFile": "p" } } ] }""");
        Assert.NotNull(result.Document);
        Assert.Equal("routes[0].auth", Assert.Single(result.Warnings).Key);
    }

    [Fact]
    public void An_explanation_tells_the_demand()
    {
        var explanation = Compile("""{ "acceptedDomains": ["a.example"], "routes": [ { "domain": "a.example", "tls": "verify" } ] }""")
            .Explain(Client("192.0.2.1"), Path("x@b.example"), Path("y@a.example"));
        Assert.Equal("a.example leads to its MX, tls verify", explanation.Steps[^1].Finding);
        Assert.Null(explanation.Route);
    }
}
