using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class ExplanationTests
{
    private static readonly PolicySnapshot Policy = Compile("""
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "networks": ["10.0.0.0/8"], "listeners": ["internal"], "never": ["10.66.0.0/16"] },
          "routes": [ { "domain": "relay.example", "to": "smtp://mail.internal" } ]
        }
        """);

    [Fact]
    public void Refusal_shows_everything_that_was_looked_at()
    {
        var explanation = Explain("203.0.113.9", "n@victim.example");
        Assert.Equal(
            [
                new PolicyStep("policy", "version 7 is in force", null),
                new PolicyStep("client", "default.client: 203.0.113.9 at public", VerdictAction.Accept),
                new PolicyStep("sender", "default.sender: <a@b.example>", VerdictAction.Accept),
                new PolicyStep("acceptedDomains", "has no entry for victim.example", null),
                new PolicyStep("relay.never", "has no entry for 203.0.113.9", null),
                new PolicyStep("relay.authenticated", "the client is not authenticated", null),
                new PolicyStep("relay.networks", "has no entry for 203.0.113.9", null),
                new PolicyStep("relay.listeners", "has no entry for public", null),
                new PolicyStep("default.relay", "nothing above allows it", VerdictAction.Refuse),
            ],
            explanation.Steps);
        Assert.Equal("default.relay", explanation.Verdict.Rule);
        Assert.Null(explanation.Route);
        Assert.Equal(7, explanation.Version);
    }

    [Fact]
    public void Accept_ends_at_the_rule_that_allows_it_and_shows_the_route()
    {
        var explanation = Explain("203.0.113.9", "u@relay.example");
        Assert.Equal(
            [
                new PolicyStep("acceptedDomains", "acceptedDomains[\"relay.example\"] names relay.example", VerdictAction.Accept),
                new PolicyStep("routes", "relay.example leads to smtp://mail.internal:25, tls may", null),
            ],
            explanation.Steps.Skip(3));
        Assert.Equal("smtp://mail.internal:25", explanation.Route!.Target.ToString());
        Assert.Equal(explanation.Recipient, explanation.ResolvedRecipient);
    }

    [Fact]
    public void Right_to_relay_is_shown_with_what_was_looked_at_before_it()
    {
        var steps = Explain("10.1.2.3", "n@victim.example").Steps;
        Assert.Equal(["acceptedDomains", "relay.never", "relay.authenticated", "relay.networks", "routes"], steps.Skip(3).Select(step => step.Key));
        Assert.Equal("relay.networks[\"10.0.0.0/8\"] names 10.1.2.3", steps[6].Finding);
        Assert.Equal("has no entry for victim.example: by MX, tls may", steps[7].Finding);
    }

    [Fact]
    public void Never_ends_the_walk()
    {
        var explanation = Explain("10.66.1.1", "n@victim.example");
        Assert.Equal(
            new PolicyStep("relay.never", "relay.never[\"10.66.0.0/16\"] names 10.66.1.1", VerdictAction.Refuse), explanation.Steps[^1]);
    }

    [Fact]
    public void Bare_postmaster_is_shown_with_where_it_goes()
    {
        var explanation = Explain("203.0.113.9", "postmaster");
        Assert.Equal(
            new PolicyStep("postmaster", "<postmaster> leads to <postmaster@relay.example>", VerdictAction.Accept), explanation.Steps[3]);
        Assert.Equal("postmaster@relay.example", explanation.ResolvedRecipient.Text);
        Assert.Equal("relay.example", explanation.Route!.Pattern);
    }

    [Fact]
    public void Address_literal_that_may_not_be_connected_to_is_shown()
    {
        var last = Explain("10.1.2.3", "n@[127.0.0.1]").Steps[^1];
        Assert.Equal(("delivery.nextHopNetworks", VerdictAction.Refuse), (last.Key, last.Action));
    }

    [Fact]
    public void Missing_policy_is_shown()
    {
        var explanation = PolicySnapshot.WithoutPolicy(false).Explain(Client("127.0.0.1"), MailPath.Null, Path("n@victim.example"));
        Assert.Equal("none is in force", explanation.Steps[0].Finding);
        Assert.Equal("default.withoutPolicy", explanation.Steps[^1].Key);
    }

    [Fact]
    public void What_DNS_was_not_asked_about_and_the_check_of_the_recipient_are_shown()
    {
        var policy = Compile("""
            {
              "acceptedDomains": ["relay.example"],
              "recipients": { "relay.example": "file:users.txt" },
              "clients": [ { "name": ".dynamic.example", "action": "reject" } ],
              "senders": { "unknownDomains": "reject" },
              "dnsBlocklists": [ { "zone": "zen.example" } ]
            }
            """);
        var explanation = policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("u@relay.example"));
        Assert.True(explanation.Verdict.IsAccept);
        Assert.Equal("if the list users.txt knows the recipient", explanation.Condition);
        Assert.Equal(
            "not asked here, and counted as saying nothing: the client's name, the sender's domain, the list zen.example",
            Assert.Single(explanation.Steps, step => step.Key == "dns").Finding);
        Assert.Equal(
            "recipients[\"relay.example\"]: the list users.txt must know <u@relay.example>, else 550 5.1.1",
            Assert.Single(explanation.Steps, step => step.Key == "recipients").Finding);
        var findings = new MailFindings { ClientName = new HostNameFinding(HostNameState.Proven, Domain("a.dynamic.example")) };
        var refused = policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("u@relay.example"), findings);
        Assert.Equal(
            new PolicyStep("clients", "clients[\".dynamic.example\"] names 203.0.113.9, a.dynamic.example", VerdictAction.Refuse), refused.Steps[^1]);
        Assert.DoesNotContain(refused.Steps, step => step.Key == "dns");
    }

    [Theory]
    [InlineData(RecipientFinding.Known, VerdictAction.Accept, null, "knows")]
    [InlineData(RecipientFinding.Unknown, VerdictAction.Refuse, "550 5.1.1", "does not know")]
    [InlineData(RecipientFinding.Trouble, VerdictAction.Defer, "451 4.4.3", "cannot be asked about")]
    public void What_the_check_of_the_recipient_found_decides(RecipientFinding finding, VerdictAction action, string? reply, string words)
    {
        var policy = Compile("""
            { "acceptedDomains": ["relay.example"],
              "recipients": { "relay.example": "file:users.txt" } }
            """);
        var explanation = policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("u@relay.example"), recipientFinding: finding);
        Assert.Equal((action, "recipients[\"relay.example\"]", "line 2"), (explanation.Verdict.Action, explanation.Verdict.Rule, explanation.Verdict.Place));
        Assert.Equal(reply, explanation.Verdict.Reply?.ToString()[..9]);
        Assert.Null(explanation.Condition);
        var step = Assert.Single(explanation.Steps, step => step.Key == "recipients");
        Assert.Equal(new PolicyStep("recipients", $"recipients[\"relay.example\"]: the list users.txt {words} <u@relay.example>", action), step);
        Assert.Equal(action == VerdictAction.Accept, explanation.Steps.Any(step => step.Key == "routes"));
    }

    [Fact]
    public void What_the_next_hop_is_asked_is_a_condition_and_no_postmaster_has_one()
    {
        var policy = Compile("""{ "acceptedDomains": ["relay.example"], "recipients": { "relay.example": "callout" } }""");
        Assert.Equal(
            "if the next hop knows the recipient",
            policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("u@relay.example")).Condition);
        Assert.Null(policy.Explain(Client("203.0.113.9"), Path("a@b.example"), Path("postmaster@relay.example")).Condition);
    }

    [Fact]
    public void Sender_that_is_not_the_user_s_is_refused_at_MAIL()
    {
        var policy = Compile("""{ "senders": { "identities": { "alice": ["alice@relay.example"] } } }""");
        var explanation = policy.Explain(Client("203.0.113.9", user: "alice"), Path("boss@relay.example"), Path("n@victim.example"));
        Assert.Equal("senders.identities[\"alice\"]", explanation.Verdict.Rule);
        Assert.Equal(("sender", VerdictAction.Refuse), (explanation.Steps[^1].Key, explanation.Steps[^1].Action));
    }

    private static PolicyExplanation Explain(string client, string recipient) =>
        Policy.Explain(Client(client), Path("a@b.example"), Path(recipient));
}
