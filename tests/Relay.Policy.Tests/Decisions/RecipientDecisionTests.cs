using System.Net;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class RecipientDecisionTests
{
    private static readonly PolicySnapshot Policy = Compile("""
        {
          "acceptedDomains": ["relay.example", ".relay.example", "other.example"],
          "relay": {
            "networks": ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "2001:db8::/32"],
            "listeners": ["internal"],
            "never": ["10.66.0.0/16", "2001:db8:66::/48"]
          }
        }
        """);

    [Theory]
    [InlineData("203.0.113.9", "public", "u@relay.example", "acceptedDomains[\"relay.example\"]")]
    [InlineData("203.0.113.9", "public", "u@RELAY.Example", "acceptedDomains[\"relay.example\"]")]
    [InlineData("203.0.113.9", "public", "u@a.b.relay.example", "acceptedDomains[\".relay.example\"]")]
    [InlineData("10.66.0.1", "internal", "u@relay.example", "acceptedDomains[\"relay.example\"]")]
    [InlineData("10.66.0.1", "public", "postmaster", "postmaster")]
    [InlineData("203.0.113.9", "public", "PostMaster", "postmaster")]
    [InlineData("10.2.0.1", "public", "n@victim.example", "relay.networks[\"10.0.0.0/8\"]")]
    [InlineData("10.1.0.1", "public", "n@victim.example", "relay.networks[\"10.1.0.0/16\"]")]
    [InlineData("::ffff:10.1.0.1", "public", "n@victim.example", "relay.networks[\"10.1.0.0/16\"]")]
    [InlineData("192.0.2.7", "public", "n@victim.example", "relay.networks[\"192.0.2.7\"]")]
    [InlineData("::ffff:192.0.2.7", "public", "n@victim.example", "relay.networks[\"192.0.2.7\"]")]
    [InlineData("2001:db8::25", "public", "n@victim.example", "relay.networks[\"2001:db8::/32\"]")]
    [InlineData("203.0.113.9", "internal", "n@victim.example", "relay.listeners[\"internal\"]")]
    [InlineData("10.2.0.1", "public", "n@[203.0.113.80]", "relay.networks[\"10.0.0.0/8\"]")]
    public void Recipient_is_accepted_by_the_rule_that_allows_it(string client, string listener, string recipient, string rule)
    {
        var verdict = Policy.Decide(Client(client, listener), recipient);
        Assert.Equal((VerdictAction.Accept, rule, null), (verdict.Action, verdict.Rule, verdict.Reply));
        Assert.True(verdict.IsAccept);
    }

    [Theory]
    [InlineData("203.0.113.9", "public", "n@victim.example", "default.relay")]
    [InlineData("203.0.113.9", "Internal", "n@victim.example", "default.relay")]
    [InlineData("203.0.113.9", "public", "n@xrelay.example", "default.relay")]
    [InlineData("203.0.113.9", "public", "n@sub.other.example", "default.relay")]
    [InlineData("203.0.113.9", "public", "n@[203.0.113.9]", "default.relay")]
    [InlineData("203.0.113.9", "public", "n@[IPv6:2001:db8::1]", "default.relay")]
    [InlineData("11.0.0.0", "public", "n@victim.example", "default.relay")]
    [InlineData("9.255.255.255", "public", "n@victim.example", "default.relay")]
    [InlineData("192.0.2.8", "public", "n@victim.example", "default.relay")]
    [InlineData("::ffff:192.0.2.8", "public", "n@victim.example", "default.relay")]
    [InlineData("::10.1.0.1", "public", "n@victim.example", "default.relay")]
    [InlineData("2001:db9::", "public", "n@victim.example", "default.relay")]
    [InlineData("127.0.0.1", "public", "n@victim.example", "default.relay")]
    [InlineData("::1", "public", "n@victim.example", "default.relay")]
    [InlineData("10.66.0.1", "public", "n@victim.example", "relay.never[\"10.66.0.0/16\"]")]
    [InlineData("10.66.0.1", "internal", "n@victim.example", "relay.never[\"10.66.0.0/16\"]")]
    [InlineData("::ffff:10.66.255.255", "internal", "n@victim.example", "relay.never[\"10.66.0.0/16\"]")]
    [InlineData("2001:db8:66::1", "public", "n@victim.example", "relay.never[\"2001:db8:66::/48\"]")]
    public void Recipient_is_refused_when_nothing_allows_it(string client, string listener, string recipient, string rule)
    {
        var verdict = Policy.Decide(Client(client, listener), recipient);
        Assert.Equal((VerdictAction.Refuse, rule), (verdict.Action, verdict.Rule));
        Assert.Equal(550, verdict.Reply!.Code);
        Assert.Equal("5.7.1", verdict.Reply.Status.ToString());
        Assert.StartsWith("Relaying denied: ", Assert.Single(verdict.Reply.Lines), StringComparison.Ordinal);
        Assert.False(verdict.IsAccept);
    }

    [Fact]
    public void User_has_no_right_unless_the_policy_gives_it() =>
        Assert.Equal("default.relay", Policy.Decide(Client("203.0.113.9", user: "alice"), "n@victim.example").Rule);

    [Theory]
    [InlineData("boss@relay.example")]
    [InlineData("n@victim.example")]
    [InlineData("")]
    public void Sender_gives_no_right(string sender)
    {
        var verdict = Policy.DecideRecipient(Client("203.0.113.9"), Path(sender), Path("n@victim.example"));
        Assert.Equal("default.relay", verdict.Rule);
    }

    [Fact]
    public void Every_client_and_sender_is_let_in_with_the_rule_named()
    {
        var client = Client("203.0.113.9");
        Assert.Equal(new Verdict(VerdictAction.Accept, "default.client", null), Policy.DecideClient(client));
        Assert.Equal(new Verdict(VerdictAction.Accept, "default.sender", null), Policy.DecideSender(client, MailPath.Null));
        Assert.Equal(new Verdict(VerdictAction.Accept, "default.sender", null), Policy.DecideSender(client, Path("boss@relay.example")));
    }

    [Fact]
    public void Null_path_is_no_recipient()
    {
        var verdict = Policy.DecideRecipient(Client("10.2.0.1", "internal"), MailPath.Null, MailPath.Null);
        Assert.Equal((VerdictAction.Refuse, "5.1.3"), (verdict.Action, verdict.Reply!.Status.ToString()));
    }

    [Fact]
    public void Client_without_facts_has_no_right()
    {
        var verdict = Policy.DecideRecipient(default, MailPath.Null, Path("n@victim.example"));
        Assert.Equal("default.relay", verdict.Rule);
        Assert.False(Policy.IsRelayNetwork(null!));
    }

    [Fact]
    public void Empty_policy_refuses_everything_from_everywhere()
    {
        var policy = Compile("{}");
        foreach (var client in (string[])["127.0.0.1", "::1", "10.0.0.1", "203.0.113.9"])
        {
            Assert.Equal("default.relay", policy.Decide(Client(client), "u@relay.example").Rule);
            Assert.False(policy.IsRelayNetwork(IPAddress.Parse(client)));
        }
    }

    [Fact]
    public void Policy_that_accepts_every_domain_cannot_be_compiled()
    {
        var open = new PolicyDocument { AcceptedDomains = [DomainPattern.Any] };
        Assert.Throws<ArgumentException>(() => PolicySnapshot.Compile(open, 1));
    }

    [Theory]
    [InlineData("10.2.0.1", true)]
    [InlineData("::ffff:10.2.0.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("10.66.0.1", false)]
    [InlineData("::ffff:10.66.0.1", false)]
    [InlineData("203.0.113.9", false)]
    public void Relay_network_is_one_that_is_named_and_not_never(string client, bool expected) =>
        Assert.Equal(expected, Policy.IsRelayNetwork(IPAddress.Parse(client)));

    [Fact]
    public void Replies_are_short_ASCII_lines_with_the_class_of_their_code()
    {
        string[] recipients = ["n@victim.example", "n@[10.0.0.1]", "postmaster"];
        string[] clients = ["203.0.113.9", "10.66.0.1", "10.2.0.1"];
        PolicySnapshot[] policies = [Policy, Compile("{}"), PolicySnapshot.WithoutPolicy(false)];
        var verdicts = (from policy in policies
                        from client in clients
                        from recipient in recipients
                        let verdict = policy.Decide(Client(client), recipient)
                        where !verdict.IsAccept
                        select verdict).ToList();
        Assert.Equal(5, verdicts.Select(verdict => verdict.Rule).Distinct().Count());
        foreach (var reply in verdicts.Select(verdict => verdict.Reply!))
        {
            var text = reply.ToString();
            Assert.True(text.Length <= 200 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'), text);
            Assert.Equal(5, reply.Status.Class);
            Assert.DoesNotContain("530", text, StringComparison.Ordinal); // a scanner takes it for "authentication needed"
        }
    }
}
