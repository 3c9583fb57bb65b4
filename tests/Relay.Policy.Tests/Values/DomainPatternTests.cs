using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class DomainPatternTests
{
    [Theory]
    [InlineData("relay.example", DomainPatternKind.Exact, "relay.example")]
    [InlineData(".relay.example", DomainPatternKind.Subdomains, ".relay.example")]
    [InlineData("RELAY.Example", DomainPatternKind.Exact, "relay.example")]
    [InlineData("b\u00fccher.example", DomainPatternKind.Exact, "xn--bcher-kva.example")]
    [InlineData("localhost", DomainPatternKind.Exact, "localhost")]
    public void Pattern_is_a_domain_or_a_dot_and_a_domain(string text, DomainPatternKind kind, string canonical)
    {
        Assert.True(DomainPattern.TryParse(text, out var pattern, out var error), error);
        Assert.Equal(kind, pattern.Kind);
        Assert.Equal(canonical, pattern.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..relay.example")]
    [InlineData("relay..example")]
    [InlineData("relay.example.")]
    [InlineData("*")]
    [InlineData("*.relay.example")]
    [InlineData(".*.example")]
    [InlineData("192.0.2.1")]
    [InlineData(".0.2.1")]
    [InlineData("10.1")]
    [InlineData("0x7f")]
    [InlineData("[192.0.2.1]")]
    [InlineData(".[192.0.2.1]")]
    [InlineData("[IPv6:::1]")]
    [InlineData("user@relay.example")]
    [InlineData(" relay.example")]
    [InlineData("relay.example ")]
    [InlineData("relay.example\n")]
    [InlineData("relay.example\0")]
    [InlineData("relay,x.example")]
    [InlineData("-relay.example")]
    public void Pattern_refuses_everything_else(string text)
    {
        Assert.False(DomainPattern.TryParse(text, out var pattern, out var error));
        Assert.Null(pattern);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Pattern_error_tells_how_subdomains_are_written()
    {
        Assert.False(DomainPattern.TryParse("*.relay.example", out _, out var error));
        Assert.Contains("write \".relay.example\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Star_is_a_pattern_only_where_it_is_asked_for()
    {
        Assert.True(DomainPattern.TryParseOrAny("*", out var any, out _));
        Assert.Equal(DomainPatternKind.Any, any.Kind);
        Assert.True(DomainPattern.TryParseOrAny("relay.example", out _, out _));
        Assert.False(DomainPattern.TryParseOrAny("**", out _, out _));
    }
}
