using Relay.Policy.Decisions;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class RouteTests
{
    private const string Routes = """
        { "routes": [
          { "domain": ".example", "to": "smtp://tld.internal" },
          { "domain": "relay.example", "to": "smtp://exact.internal" },
          { "domain": ".relay.example", "to": "smtp://below.internal" },
          { "domain": "*", "to": "smtp://203.0.113.9:587" } ] }
        """;

    [Theory]
    [InlineData("relay.example", "exact.internal")]
    [InlineData("RELAY.EXAMPLE", "exact.internal")]
    [InlineData("a.relay.example", "below.internal")]
    [InlineData("b.a.relay.example", "below.internal")]
    [InlineData("xrelay.example", "tld.internal")]
    [InlineData("example", "203.0.113.9")]
    [InlineData("relay.example.test", "203.0.113.9")]
    [InlineData("[192.0.2.1]", "203.0.113.9")]
    [InlineData("[IPv6:2001:db8::1]", "203.0.113.9")]
    public void Most_specific_route_wins(string domain, string host) =>
        Assert.Equal(host, Compile(Routes).FindRoute(Domain(domain))!.Target.Host);

    [Fact]
    public void A_route_gives_nobody_a_right()
    {
        var policy = Compile(Routes);
        foreach (var recipient in new[] { "u@relay.example", "u@a.relay.example", "n@victim.test" })
        {
            Assert.Equal("default.relay", policy.Decide(Client("203.0.113.9"), recipient).Rule);
        }
    }

    [Fact]
    public void Domain_without_a_route_goes_by_MX() =>
        Assert.Null(Compile("""{ "routes": [ { "domain": "a.example", "to": "smtp://x" } ] }""").FindRoute(Domain("b.example")));

    [Fact]
    public void Route_names_its_pattern_and_target()
    {
        var route = Compile(Routes).FindRoute(Domain("a.relay.example"));
        Assert.Equal(new Route(".relay.example", new RouteTarget("smtp", "below.internal", 25)), route);
    }

    [Theory]
    [InlineData("smtp://mail.internal:25", "smtp", "mail.internal", 25)]
    [InlineData("smtp://mail.internal", "smtp", "mail.internal", 25)]
    [InlineData("smtp://Mail.Internal:65535", "smtp", "mail.internal", 65535)]
    [InlineData("smtp://localhost:2526", "smtp", "localhost", 2526)]
    [InlineData("smtp://203.0.113.9:587", "smtp", "203.0.113.9", 587)]
    [InlineData("smtp://[2001:db8::1]:25", "smtp", "2001:db8::1", 25)]
    [InlineData("smtp://[2001:db8::1]", "smtp", "2001:db8::1", 25)]
    [InlineData("smtp://[::ffff:10.0.0.1]", "smtp", "10.0.0.1", 25)]
    [InlineData("lmtp://mail.internal", "lmtp", "mail.internal", 24)]
    public void Next_hop_is_a_scheme_a_host_and_perhaps_a_port(string text, string scheme, string host, int port)
    {
        Assert.True(RouteTarget.TryParse(text, out var target, out var error), error);
        Assert.Equal(new RouteTarget(scheme, host, port), target);
        Assert.True(RouteTarget.TryParse(target.ToString(), out var again, out _));
        Assert.Equal(target, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mail.internal")]
    [InlineData("mail.internal:25")]
    [InlineData("smtp:mail.internal")]
    [InlineData("smtp:/mail.internal")]
    [InlineData("smtp://")]
    [InlineData("smtp://:25")]
    [InlineData("SMTP://mail.internal")]
    [InlineData("smtps://mail.internal")]
    [InlineData("http://mail.internal")]
    [InlineData("smtp://mail.internal:")]
    [InlineData("smtp://mail.internal:0")]
    [InlineData("smtp://mail.internal:65536")]
    [InlineData("smtp://mail.internal:025")]
    [InlineData("smtp://mail.internal:+25")]
    [InlineData("smtp://mail.internal:25/")]
    [InlineData("smtp://mail.internal/")]
    [InlineData("smtp://mail.internal?x")]
    [InlineData("smtp://user@mail.internal")]
    [InlineData("smtp://mail.internal:25:25")]
    [InlineData("smtp://mail.internal.")]
    [InlineData("smtp:// mail.internal")]
    [InlineData("smtp://mail internal")]
    [InlineData("smtp://*.internal")]
    [InlineData("smtp://10.1")]
    [InlineData("smtp://1")]
    [InlineData("smtp://010.0.0.1")]
    [InlineData("smtp://10.0.0.256")]
    [InlineData("smtp://[10.0.0.1]")]
    [InlineData("smtp://2001:db8::1")]
    [InlineData("smtp://[2001:DB8::1]")]
    [InlineData("smtp://[2001:db8::1")]
    [InlineData("smtp://[fe80::1%1]")]
    [InlineData("smtp://[]")]
    [InlineData("smtp://[mail.internal]")]
    [InlineData("smtp://[2001:db8::1]x")]
    [InlineData("smtp://[2001:db8::1]]")]
    public void Next_hop_refuses_everything_else(string text)
    {
        Assert.False(RouteTarget.TryParse(text, out var target, out var error));
        Assert.Null(target);
        Assert.Contains("is not a next hop", error, StringComparison.Ordinal);
    }
}
