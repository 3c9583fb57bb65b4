using System.Net;
using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class NetworkRangeTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0")]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.6", "192.0.2.8")]
    [InlineData("192.0.2.7/32", "192.0.2.7", "192.0.2.7", "192.0.2.6", "192.0.2.8")]
    [InlineData("192.0.2.128/25", "192.0.2.128", "192.0.2.255", "192.0.2.127", "192.0.3.0")]
    [InlineData("128.0.0.0/1", "128.0.0.0", "255.255.255.255", "127.255.255.255", "0.0.0.0")]
    [InlineData("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::ffff", "2001:db9::")]
    [InlineData("2001:db8::1", "2001:db8::1", "2001:db8::1", "2001:db8::", "2001:db8::2")]
    [InlineData("8000::/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.6", "192.0.2.8")]
    public void Range_holds_what_it_says_up_to_its_ends(string text, string first, string last, string before, string behind)
    {
        Assert.True(NetworkRange.TryParse(text, out var range, out var error), error);
        Assert.True(range.Contains(IPAddress.Parse(first)));
        Assert.True(range.Contains(IPAddress.Parse(last)));
        Assert.False(range.Contains(IPAddress.Parse(before)));
        Assert.False(range.Contains(IPAddress.Parse(behind)));
    }

    [Theory]
    [InlineData("10/8")] // the framework reads 0.0.0.0/8
    [InlineData("10.0/8")]
    [InlineData("10.0.0/8")]
    [InlineData("10.0.0.0.0/8")]
    [InlineData("10")]
    [InlineData("1")] // the framework reads 0.0.0.1
    [InlineData("0")]
    [InlineData("167772160")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("0xa000000/8")]
    [InlineData("010.0.0.0/8")] // the framework reads 8.0.0.0/8
    [InlineData("10.0.0.00/8")]
    [InlineData("10.0.0.1/8")] // the framework masks it silently
    [InlineData("192.168.1.1/24")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8.0")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("/8")]
    [InlineData("/")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/8 ")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.0-10.0.0.9")]
    [InlineData("10.0.0.*")]
    [InlineData("10.0.0.0:25")]
    [InlineData("\u0661\u0660.0.0.0/8")] // Arabic digits
    [InlineData("2001:DB8::/32")]
    [InlineData("2001:db8:0::/32")]
    [InlineData("2001:0db8::/32")]
    [InlineData("2001:db8::1/32")]
    [InlineData("2001:db8::/129")]
    [InlineData("[2001:db8::]/32")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:25")]
    [InlineData("fe80::1%1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::%0/10")]
    [InlineData("::ffff:10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1/104")]
    [InlineData("::ffff:0.0.0.0/95")]
    [InlineData("::/1")] // would hold all IPv4-mapped addresses
    [InlineData("::/80")]
    [InlineData("relay.example")]
    [InlineData("localhost")]
    [InlineData("*")]
    public void Range_refuses_what_is_not_canonical(string text)
    {
        Assert.False(NetworkRange.TryParse(text, out var range, out var error));
        Assert.Equal(default, range);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("10.1.2.3/8", "write 10.0.0.0/8")]
    [InlineData("2001:db8::1/32", "write 2001:db8::/32")]
    [InlineData("10.0.0.0/33", "the prefix length is 0 to 32")]
    [InlineData("2001:db8::/129", "the prefix length is 0 to 128")]
    [InlineData("10/8", "must be written in full")]
    public void Range_error_tells_the_right_spelling(string text, string expected)
    {
        Assert.False(NetworkRange.TryParse(text, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::10.1.2.3", false)] // IPv4-compatible is not IPv4-mapped
    [InlineData("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "::ffff:203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0", "::", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.1", false)]
    [InlineData("::/0", "::ffff:203.0.113.1", false)]
    [InlineData("::/96", "::ffff:203.0.113.1", false)]
    public void Mapped_address_is_its_IPv4_address(string text, string address, bool expected)
    {
        Assert.True(NetworkRange.TryParse(text, out var range, out var error), error);
        Assert.Equal(expected, range.Contains(IPAddress.Parse(address)));
    }

    [Fact]
    public void Zone_of_an_address_is_ignored()
    {
        Assert.True(NetworkRange.TryParse("fe80::/10", out var range, out _));
        Assert.True(range.Contains(IPAddress.Parse("fe80::1%3")));
    }

    [Theory]
    [InlineData("192.0.2.7/32", "192.0.2.7")]
    [InlineData("2001:db8::1/128", "2001:db8::1")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void Range_is_written_canonically(string text, string expected)
    {
        Assert.True(NetworkRange.TryParse(text, out var range, out _));
        Assert.Equal(expected, range.ToString());
        Assert.True(NetworkRange.TryParse(expected, out var same, out _));
        Assert.Equal(range, same);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", "11.0.0.0/16", false)]
    [InlineData("::/0", "10.0.0.0/8", false)]
    public void Range_holds_a_range_when_it_holds_all_of_it(string outer, string inner, bool expected)
    {
        Assert.True(NetworkRange.TryParse(outer, out var outerRange, out _));
        Assert.True(NetworkRange.TryParse(inner, out var innerRange, out _));
        Assert.Equal(expected, outerRange.Contains(innerRange));
    }
}
