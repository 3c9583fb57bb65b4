using System.Net;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Tests.Addresses;

public sealed class MailDomainTests
{
    [Theory]
    [InlineData("relay.example", "relay.example")]
    [InlineData("RELAY.Example", "relay.example")]
    [InlineData("a", "a")]
    [InlineData("1and1.example", "1and1.example")]
    [InlineData("a--b.example", "a--b.example")]
    [InlineData("XN--BCHER-KVA.example", "xn--bcher-kva.example")]
    [InlineData("0x7g.0xyz", "0x7g.0xyz")]
    [InlineData("My_PC.relay.example", "my_pc.relay.example")]
    [InlineData("_dmarc.relay.example_", "_dmarc.relay.example_")]
    public void A_name_is_taken_and_lowered(string text, string name)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        Assert.Equal(name, domain.Name);
        Assert.Null(domain.Literal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".relay.example")]
    [InlineData("relay.example.")]
    [InlineData("relay..example")]
    [InlineData("-relay.example")]
    [InlineData("relay-.example")]
    [InlineData("relay.example ")]
    [InlineData("rel ay.example")]
    [InlineData("a@b")]
    [InlineData("127.0.0.1")]
    [InlineData("1")]
    [InlineData("0x7f000001")]
    [InlineData("relay.0x1")]
    [InlineData("relay.0x")]
    [InlineData("relay.123")]
    [InlineData("relay\0.example")]
    [InlineData("relay%2eexample")]
    public void A_name_is_refused_when_it_is_not_exactly_one_hostname(string text) => AssertRefused(text);

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("Bücher.EXAMPLE", "xn--bcher-kva.example")]
    [InlineData("日本語.jp", "xn--wgv71a119e.jp")]
    [InlineData("пример.example", "xn--e1afmkfd.example")]
    [InlineData("mx.straße.example", "mx.xn--strae-oqa.example")]
    public void A_label_of_stable_letters_becomes_its_A_label(string text, string name)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        Assert.Equal(name, domain.Name);
        Assert.True(MailDomain.TryParse(name, out var again));
        Assert.Equal(domain, again);
        Assert.Equal(domain.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData("BÜCHER.example")] // upper case outside ASCII would need a mapping
    [InlineData("bu\u0308cher.example")] // not composed
    [InlineData("\uFF41\uFF42.example")] // wide letters
    [InlineData("relay\u3002example")] // ideographic full stop
    [InlineData("relay\uFF0Eexample")] // wide full stop
    [InlineData("\uFB01sh.example")] // ligature
    [InlineData("a\u00ADb.example")] // soft hyphen
    [InlineData("a\u200Db.example")] // joiner
    [InlineData("a\u202Eb.example")] // direction override
    [InlineData("-ü.example")]
    [InlineData("ü-.example")]
    [InlineData("xn--ü.example")]
    [InlineData("ü_a.example")]
    [InlineData("ü..example")]
    [InlineData("ü.example.")]
    [InlineData("ü.1")]
    public void A_label_outside_ASCII_is_refused_when_it_would_need_mapping(string text) => AssertRefused(text);

    [Theory]
    [InlineData("[192.0.2.1]", "[192.0.2.1]", "192.0.2.1")]
    [InlineData("[IPv6:2001:DB8::1]", "[IPv6:2001:db8::1]", "2001:db8::1")]
    [InlineData("[ipv6:2001:db8:0:0:0:0:0:1]", "[IPv6:2001:db8::1]", "2001:db8::1")]
    [InlineData("[IPv6:::ffff:192.0.2.1]", "[192.0.2.1]", "192.0.2.1")]
    [InlineData("[IPv6:::]", "[IPv6:::]", "::")]
    public void A_literal_has_one_canonical_form(string text, string name, string address)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        Assert.Equal(name, domain.Name);
        Assert.Equal(IPAddress.Parse(address), domain.Literal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[192.0.2]")]
    [InlineData("[192.0.2.1.5]")]
    [InlineData("[192.0.2.256]")]
    [InlineData("[192.0.2.01]")]
    [InlineData("[192.0.2.]")]
    [InlineData("[192.0.2.1")]
    [InlineData("192.0.2.1]")]
    [InlineData("[192.0.2.1]x")]
    [InlineData("[192.0.2.1].example")]
    [InlineData("[3221225985]")]
    [InlineData("[0xc0.0.2.1]")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[IPv6:192.0.2.1]")]
    [InlineData("[IPv6:2001:db8::1%1]")]
    [InlineData("[IPv6:2001:db8::1/64]")]
    [InlineData("[IPv6:[::1]:25]")]
    [InlineData("[IPv6:::ffff:192.0.2.01]")]
    [InlineData("[IPv6:1:2:3:4:5:6:7:8:9]")]
    [InlineData("[IPv6:]")]
    [InlineData("[x400:abc]")]
    [InlineData("[ 192.0.2.1 ]")]
    [InlineData("[localhost]")]
    public void A_literal_is_refused_when_it_could_be_read_in_two_ways(string text) => AssertRefused(text);

    [Fact]
    public void Labels_and_names_are_limited_at_63_and_253_octets()
    {
        var label = new string('a', 63);
        Assert.True(MailDomain.TryParse(label, out _));
        AssertRefused(label + "a");

        var name = string.Join('.', label, label, label, new string('b', 61));
        Assert.Equal(253, name.Length);
        Assert.True(MailDomain.TryParse(name, out _));
        AssertRefused(name + "b");
    }

    [Fact]
    public void A_label_outside_ASCII_is_limited_by_its_A_label()
    {
        Assert.True(MailDomain.TryParse(new string('ü', 20), out var domain));
        Assert.InRange(domain.Name.Length, 20, 63);
        AssertRefused(new string('ü', 63));
    }

    [Theory]
    [InlineData("sub.relay.example", "relay.example", true)]
    [InlineData("a.b.relay.example", "relay.example", true)]
    [InlineData("relay.example", "relay.example", false)]
    [InlineData("xrelay.example", "relay.example", false)]
    [InlineData("relay.example.victim.example", "relay.example", false)]
    [InlineData("example", "relay.example", false)]
    [InlineData("[192.0.2.1]", "relay.example", false)]
    public void A_subdomain_is_below_by_whole_labels_only(string child, string parent, bool expected)
    {
        Assert.True(MailDomain.TryParse(child, out var below));
        Assert.True(MailDomain.TryParse(parent, out var above));
        Assert.Equal(expected, below.IsSubdomainOf(above));
    }

    private static void AssertRefused(string text)
    {
        Assert.False(MailDomain.TryParse(text, out var domain));
        Assert.Null(domain);
    }
}
