using System.Net;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class WithoutPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.255.255", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("128.0.0.0", false)]
    [InlineData("126.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::2", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("fe80::1%1", false)]
    [InlineData("203.0.113.9", false)]
    public void Only_loopback_clients_may_relay_while_every_listener_is_on_loopback(string client, bool accepted)
    {
        var policy = PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true);
        var verdict = policy.Decide(Client(client), "n@victim.example");
        Assert.Equal(accepted ? VerdictAction.Accept : VerdictAction.Refuse, verdict.Action);
        Assert.Equal("default.withoutPolicy", verdict.Rule);
        Assert.Equal(accepted ? null : "5.7.1", verdict.Reply?.Status.ToString());
        Assert.Equal(accepted, policy.IsRelayNetwork(IPAddress.Parse(client)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("203.0.113.9")]
    public void Nobody_may_relay_while_a_listener_is_elsewhere(string client)
    {
        var policy = PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: false);
        var verdict = policy.Decide(Client(client), "n@victim.example");
        Assert.Equal((VerdictAction.Refuse, "default.withoutPolicy"), (verdict.Action, verdict.Rule));
        Assert.Equal((550, "5.7.1"), (verdict.Reply!.Code, verdict.Reply.Status.ToString()));
        Assert.False(policy.IsRelayNetwork(IPAddress.Parse(client)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Limits_are_the_documents_defaults(bool everyListenerIsLoopback)
    {
        var policy = PolicySnapshot.WithoutPolicy(everyListenerIsLoopback);
        var empty = new PolicyDocument();
        Assert.Equal(0, policy.Version);
        Assert.Equal(empty.Message, policy.Limits);
        Assert.Equal(empty.Connections, policy.Connections);
        Assert.Equal(empty.Delivery, policy.Delivery);
        Assert.Equal("default.postmaster", policy.Decide(Client("127.0.0.1"), "postmaster").Rule);
        Assert.Null(policy.FindRoute(Domain("relay.example")));
        Assert.False(policy.MayConnectTo(IPAddress.Loopback));
    }
}
