using System.Net;
using Relay.Node.Inquiries;

namespace Relay.Node.Tests.Inquiries;

public sealed class ReverseNameTests
{
    [Theory]
    [InlineData("192.0.2.99", "99.2.0.192.list.example")]
    [InlineData("127.0.0.2", "2.0.0.127.list.example")]
    [InlineData("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.list.example")]
    public void A_list_knows_addresses_from_their_end(string address, string name) =>
        Assert.Equal(name, ReverseName.Of(IPAddress.Parse(address), "list.example"));

    [Theory]
    [InlineData("192.0.2.99", "99.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public void Names_of_addresses_have_a_zone_for_each_family(string address, string name) =>
        Assert.Equal(name, ReverseName.PointersOf(IPAddress.Parse(address)));

    // RFC 5782 section 5 names the test addresses of IPv6 lists.
    [Fact]
    public void The_test_addresses_are_those_of_the_standard()
    {
        Assert.Equal("2.0.0.127.z", ReverseName.Of(ListTest.Listed[0], "z"));
        Assert.Equal("1.0.0.127.z", ReverseName.Of(ListTest.NotListed[0], "z"));
        Assert.Equal("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.z", ReverseName.Of(ListTest.Listed[1], "z"));
        Assert.Equal("1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.z", ReverseName.Of(ListTest.NotListed[1], "z"));
    }
}
