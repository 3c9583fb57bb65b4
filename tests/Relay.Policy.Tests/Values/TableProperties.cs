using System.Net;
using CsCheck;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Tests.Values;

/// <summary>Compares both tables with a walk over all their entries.</summary>
public sealed class TableProperties
{
    private static readonly string[] Networks =
    [
        "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.255.255.255", "11.0.0.0/8",
        "128.0.0.0/1", "255.255.255.255", "::/0", "::1", "2001:db8::/32", "2001:db8::/33", "2001:db8:8000::/33", "2001:db8::1", "fc00::/7",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];

    private static readonly string[] Addresses =
    [
        "0.0.0.0", "9.255.255.255", "10.0.0.0", "10.1.2.2", "10.1.2.3", "10.1.2.4", "10.1.3.0", "10.128.0.0", "10.255.255.254",
        "10.255.255.255", "11.0.0.0", "127.255.255.255", "128.0.0.0", "255.255.255.254", "255.255.255.255", "::", "::1", "::2",
        "2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8:8000::", "2001:db9::", "fdff::1", "fe00::",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:10.1.2.3", "::ffff:128.0.0.0",
    ];

    private static readonly string[] Patterns =
    [
        "*", "example", ".example", "relay.example", ".relay.example", "a.relay.example", ".a.relay.example", "b.a.relay.example",
        "xrelay.example", ".victim.example", "relay.example.victim.example",
    ];

    private static readonly string[] Domains =
    [
        "example", "relay.example", "xrelay.example", "a.relay.example", "b.a.relay.example", "c.b.a.relay.example", "victim.example",
        "relay.example.victim.example", "other.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "RELAY.EXAMPLE",
    ];

    [Fact]
    public void Network_table_finds_the_most_specific_network()
    {
        Gen.OneOf(Networks).Array[0, 12].Sample(
            texts =>
            {
                var ranges = Array.ConvertAll(texts, Range);
                var table = new NetworkTable<string>(ranges, range => range.ToString());
                foreach (var text in Addresses)
                {
                    var address = IPAddress.Parse(text);
                    var holding = ranges.Where(range => range.Contains(address)).OrderByDescending(range => range.PrefixLength).ToArray();
                    Assert.Equal(holding.Length == 0 ? null : holding[0].ToString(), table.Find(address));
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void Network_table_holds_nothing_for_no_address() =>
        Assert.Null(new NetworkTable<string>([Range("0.0.0.0/0"), Range("::/0")], range => range.ToString()).Find(null));

    [Fact]
    public void Domain_table_finds_the_most_specific_pattern()
    {
        Gen.OneOf(Patterns).Array[0, 8].Sample(
            texts =>
            {
                var table = new DomainTable<string>(texts.Select(text => KeyValuePair.Create(Pattern(text), text)));
                foreach (var text in Domains)
                {
                    Assert.True(MailDomain.TryParse(text, out var domain));
                    var matching = texts.Where(pattern => Matches(pattern, domain.Name));
                    Assert.Equal(matching.MaxBy(pattern => Weight(pattern, domain.Name)), table.Find(domain));
                }
            },
            iter: 2_000);
    }

    private static bool Matches(string pattern, string name)
    {
        if (pattern == "*")
        {
            return true;
        }

        return !name.StartsWith('[') && (pattern.StartsWith('.') ? name.EndsWith(pattern, StringComparison.Ordinal) : name == pattern);
    }

    private static int Weight(string pattern, string name) => pattern == name ? int.MaxValue : pattern == "*" ? 0 : pattern.Length;

    private static NetworkRange Range(string text)
    {
        Assert.True(NetworkRange.TryParse(text, out var range, out var error), error);
        return range;
    }

    private static DomainPattern Pattern(string text)
    {
        Assert.True(DomainPattern.TryParseOrAny(text, out var pattern, out var error), error);
        return pattern;
    }
}
