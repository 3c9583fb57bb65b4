using System.Net;
using Relay.Actors.Intake;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Intake;

public sealed class ShareKeyTests
{
    private static readonly PolicySnapshot Policy = PolicySnapshot.Compile(
        PolicyParser.Parse("""{ "relay": { "networks": ["10.0.0.0/8", "fd00::/8"] } }"""u8.ToArray()).Document!, 1);

    [Theory]
    [InlineData("alice", "192.0.2.7", "a@b.example", "user alice")]
    [InlineData(null, "192.0.2.7", "a@b.example", "network 192.0.2.0/24")] // a stranger's sender is anyone's
    [InlineData(null, "2001:db8:1:2:3:4:5:6", "a@b.example", "network 2001:db8:1:2::/64")]
    [InlineData(null, "10.1.2.3", "a@B.example", "network 10.1.2.0/24 b.example")]
    [InlineData(null, "10.1.2.3", "", "network 10.1.2.0/24 <>")]
    public void A_share_is_the_users_else_the_networks_else_the_domains_in_it(string? user, string client, string sender, string expected) =>
        Assert.Equal(expected, Of(user, client, sender).ToString());

    [Fact]
    public void Keys_are_equal_when_the_share_is_the_same()
    {
        Assert.Equal(Of(null, "192.0.2.7", "a@b.example"), Of(null, "192.0.2.8", "x@y.example"));
        Assert.NotEqual(Of(null, "10.1.2.3", "a@b.example"), Of(null, "10.1.2.3", "a@c.example"));
        Assert.NotEqual(Of("0", "10.1.2.3", ""), ShareKey.Reports);
    }

    [Theory]
    [InlineData("alice", "2001:db8:1:2::3", null)]
    [InlineData(null, "192.0.2.7", null)]
    [InlineData(null, "2001:db8:1:2::3", "network 2001:db8:1::/48")]
    [InlineData(null, "10.1.2.3", "network 10.1.2.0/24")]
    [InlineData(null, "fd00:0:1:2::3", "network fd00:0:1::/48")]
    public void Neighbours_and_domains_that_anyone_may_invent_have_a_bound_together(string? user, string client, string? expected)
    {
        var key = Of(user, client, "a@b.example");
        Assert.Equal((expected, key.IsTrusted), (key.Joint?.ToString(), key.Joint?.IsTrusted ?? key.IsTrusted));
        Assert.Null(key.Joint?.Joint);
        Assert.NotEqual(key, key.Joint);
    }

    [Fact]
    public void Only_users_and_clients_that_may_relay_are_trusted()
    {
        Assert.True(Of("alice", "192.0.2.7", "").IsTrusted);
        Assert.True(Of(null, "10.1.2.3", "").IsTrusted);
        Assert.False(Of(null, "192.0.2.7", "").IsTrusted);
    }

    private static ShareKey Of(string? user, string client, string sender)
    {
        var path = MailPath.Null;
        Assert.True(sender.Length == 0 || MailPath.TryParse(sender, out path));
        return ShareKey.Of(new ClientFacts(IPAddress.Parse(client), "default", user), path, Policy);
    }
}
