using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Tests.Addresses;

public sealed class MailPathTests
{
    [Theory]
    [InlineData("u@relay.example", "u", "relay.example")]
    [InlineData("u@RELAY.EXAMPLE", "u", "relay.example")]
    [InlineData("U@relay.example", "U", "relay.example")]
    [InlineData("o'hara+tag=x@relay.example", "o'hara+tag=x", "relay.example")]
    [InlineData("a#b/c@relay.example", "a#b/c", "relay.example")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@relay.example", "!#$%&'*+-/=?^_`{|}~", "relay.example")]
    [InlineData("a.b.c@relay.example", "a.b.c", "relay.example")]
    [InlineData("\"quoted local\"@relay.example", "\"quoted local\"", "relay.example")]
    [InlineData("\"a\\\"b\\\\c\"@relay.example", "\"a\\\"b\\\\c\"", "relay.example")]
    [InlineData("\"\"@relay.example", "\"\"", "relay.example")]
    [InlineData("u@[192.0.2.1]", "u", "[192.0.2.1]")]
    [InlineData("u@[IPv6:2001:db8::1]", "u", "[IPv6:2001:db8::1]")]
    [InlineData("postmaster@relay.example", "postmaster", "relay.example")]
    public void A_mailbox_keeps_its_local_part_and_gets_a_canonical_domain(string text, string local, string domain)
    {
        var path = Parse(text);
        Assert.Equal(local, path.LocalPart);
        Assert.Equal(domain, path.Domain?.Name);
        Assert.Equal(text, path.Text);
        Assert.False(path.IsNull || path.IsBarePostmaster || path.IsUtf8);
    }

    [Theory]
    [InlineData("nobody%victim.example@relay.example")]
    [InlineData("victim.example!nobody@relay.example")]
    [InlineData("\"nobody@victim.example\"@relay.example")]
    [InlineData("IMCEASMTP-nobody+40victim+2Eexample@relay.example")]
    [InlineData("\"/S=nobody/O=victim/\"@relay.example")]
    [InlineData("/S=nobody/O=victim/@relay.example")]
    public void An_address_inside_a_local_part_stays_opaque(string text)
    {
        var path = Parse(text);
        Assert.Equal("relay.example", path.Domain?.Name);
        Assert.Equal(text, path.Text);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("\"a@b.example\"")]
    [InlineData("\"relaytest%victim.example\"")]
    [InlineData("\"postmaster\"")]
    [InlineData("victim.example!relaytest")]
    [InlineData("a@b@c")]
    [InlineData("relaytest@victim.example@[127.0.0.1]")]
    [InlineData("nobody@victim.example@relay.example")]
    [InlineData("@relay.example")]
    [InlineData("u@")]
    [InlineData("@")]
    [InlineData("u@relay.example.")]
    [InlineData("u@relay.example..")]
    [InlineData("u@.relay.example")]
    [InlineData(".u@relay.example")]
    [InlineData("u.@relay.example")]
    [InlineData("u..v@relay.example")]
    [InlineData("u v@relay.example")]
    [InlineData(" u@relay.example")]
    [InlineData("u@relay.example ")]
    [InlineData("u@relay.example\r\n")]
    [InlineData("u\0@relay.example")]
    [InlineData("u@relay.example,v@relay.example")]
    [InlineData("u(comment)@relay.example")]
    [InlineData("u@relay.example(comment)")]
    [InlineData("\"open@relay.example")]
    [InlineData("\"a\"b@relay.example")]
    [InlineData("a\"b\"@relay.example")]
    [InlineData("\"a\".b@relay.example")]
    [InlineData("\"a\\\"@relay.example")]
    [InlineData("\"a\tb\"@relay.example")]
    [InlineData("\"a\\\u0001\"@relay.example")]
    [InlineData("a;b@relay.example")]
    [InlineData("a:b@relay.example")]
    [InlineData("<u@relay.example>")]
    [InlineData("u@relay.example>")]
    [InlineData("Name <u@relay.example>")]
    [InlineData("u@127.0.0.1")]
    public void A_path_is_refused_when_it_is_unqualified_or_has_two_readings(string text)
    {
        Assert.False(MailPath.TryParse(text, out var path));
        Assert.Null(path);
    }

    [Theory]
    [InlineData("@victim.example:u@relay.example", "u@relay.example")]
    [InlineData("@relay.example:nobody@victim.example", "nobody@victim.example")]
    [InlineData("@victim.example,@relay.example:n@victim2.example", "n@victim2.example")]
    [InlineData("@[127.0.0.1]:relaytest@victim.example", "relaytest@victim.example")]
    [InlineData("@[IPv6:::1],@b.example:u@relay.example", "u@relay.example")]
    public void A_source_route_is_dropped_when_it_is_well_formed(string text, string target)
    {
        Assert.Equal(Parse(target), Parse(text));
        Assert.Equal(target, Parse(text).Text);
    }

    [Theory]
    [InlineData("@victim.example:")]
    [InlineData("@victim.example:postmaster")]
    [InlineData("@victim.example:user")]
    [InlineData("@victim.example:@b.example:u@relay.example")]
    [InlineData("@victim.example,b.example:u@relay.example")]
    [InlineData("@victim.example,:u@relay.example")]
    [InlineData("@victim.example, @b.example:u@relay.example")]
    [InlineData("@:u@relay.example")]
    [InlineData("@[127.0.0.1:u@relay.example")]
    [InlineData("@[IPv6:::1:u@relay.example")]
    [InlineData("@victim..example:u@relay.example")]
    [InlineData("@victim.example")]
    public void A_source_route_is_refused_when_it_is_malformed(string text) => Assert.False(MailPath.TryParse(text, out _));

    [Theory]
    [InlineData("PostMaster@relay.example", true)]
    [InlineData("\"postmaster\"@relay.example", true)]
    [InlineData("\"Post\\master\"@relay.example", true)]
    [InlineData("\"\\p\\o\\s\\t\\m\\a\\s\\t\\e\\R\"@relay.example", true)]
    [InlineData("\"post\\\\master\"@relay.example", false)]
    [InlineData("\"postmaste\"@relay.example", false)]
    [InlineData("\"postmasters\"@relay.example", false)]
    [InlineData("\"postmaster \"@relay.example", false)]
    [InlineData("\"\"@relay.example", false)]
    public void Postmaster_of_a_domain_is_known_however_it_is_quoted(string text, bool isPostmaster) =>
        Assert.Equal(isPostmaster, Parse(text).IsPostmaster);

    [Theory]
    [InlineData("postmaster")]
    [InlineData("Postmaster")]
    [InlineData("POSTMASTER")]
    public void Postmaster_needs_no_domain_in_any_case(string text)
    {
        var path = Parse(text);
        Assert.True(path.IsBarePostmaster);
        Assert.Null(path.Domain);
        Assert.Equal(text, path.Text);
    }

    [Fact]
    public void Nothing_is_the_null_path()
    {
        Assert.Same(MailPath.Null, Parse(string.Empty));
        Assert.True(MailPath.Null.IsNull);
        Assert.False(MailPath.Null.IsBarePostmaster);
        Assert.Equal("<>", MailPath.Null.ToString());
    }

    [Fact]
    public void Equality_is_ordinal_for_the_local_part_and_canonical_for_the_domain()
    {
        Assert.Equal(Parse("u@relay.example"), Parse("u@RELAY.example"));
        Assert.Equal(Parse("u@relay.example").GetHashCode(), Parse("u@RELAY.example").GetHashCode());
        Assert.Equal(Parse("u@bücher.example"), Parse("u@xn--bcher-kva.example"));
        Assert.NotEqual(Parse("u@relay.example"), Parse("U@relay.example"));
        Assert.NotEqual(Parse("u@relay.example"), Parse("u@xrelay.example"));
        Assert.NotEqual(Parse("postmaster"), Parse("postmaster@relay.example"));
    }

    [Theory]
    [InlineData("用户@relay.example", true)]
    [InlineData("jösé@relay.example", true)]
    [InlineData("\"jösé x\"@relay.example", true)]
    [InlineData("u@bücher.example", true)]
    [InlineData("u@xn--bcher-kva.example", false)]
    public void A_path_outside_ASCII_is_taken_and_marked(string text, bool utf8)
    {
        var path = Parse(text);
        Assert.Equal(utf8, path.IsUtf8);
        Assert.Equal(text, path.Text);
    }

    [Theory]
    [InlineData("nobody\uFF20victim.example@relay.example")] // wide @
    [InlineData("a\uFE6Bb@relay.example")] // small @
    [InlineData("a\u2024b@relay.example")] // one dot leader
    [InlineData("a\u0085b@relay.example")] // C1 control
    [InlineData("a\u2028b@relay.example")]
    [InlineData("a\u00A0b@relay.example")]
    [InlineData("a\u202Eb@relay.example")]
    public void A_local_part_outside_ASCII_is_refused_when_it_hides_something(string text) => Assert.False(MailPath.TryParse(text, out _));

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Assert.False(MailPath.TryParse("a\ud800b@relay.example", out _));
        Assert.False(MailPath.TryParse("\"a\udc00\"@relay.example", out _));
        Assert.False(MailPath.TryParse("a@\ud800.example", out _));
    }

    [Fact]
    public void Local_parts_are_limited_at_64_octets()
    {
        Assert.True(MailPath.TryParse(new string('a', 64) + "@relay.example", out _));
        Assert.False(MailPath.TryParse(new string('a', 65) + "@relay.example", out _));
        Assert.True(MailPath.TryParse($"\"{new string('a', 62)}\"@relay.example", out _));
        Assert.False(MailPath.TryParse($"\"{new string('a', 63)}\"@relay.example", out _));
        Assert.True(MailPath.TryParse(new string('ü', 32) + "@relay.example", out _));
        Assert.False(MailPath.TryParse(new string('ü', 32) + "a@relay.example", out _));
    }

    [Fact]
    public void Paths_are_limited_at_256_octets_with_their_brackets_and_route()
    {
        var longest = PathOf(254);
        Assert.Equal(254, Encoding.UTF8.GetByteCount(longest));
        Assert.True(MailPath.TryParse(longest, out _));
        Assert.False(MailPath.TryParse(PathOf(255), out _));
        Assert.True(MailPath.TryParse("@r.example:" + PathOf(254 - 11), out _));
        Assert.False(MailPath.TryParse("@r.example:" + PathOf(255 - 11), out _));
    }

    private static string PathOf(int octets)
    {
        var label = new string('b', 60);
        return $"localparts@{label}.{label}.{label}.{new string('c', octets - 11 - 183)}";
    }

    private static MailPath Parse(string text)
    {
        Assert.True(MailPath.TryParse(text, out var path), text);
        return path;
    }
}
