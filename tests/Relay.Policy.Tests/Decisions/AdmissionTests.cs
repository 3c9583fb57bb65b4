using System.Net;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>Every action of every rule about clients and senders, with the reply that it gives.</summary>
public sealed class AdmissionTests
{
    private const string Stranger = "203.0.113.9";
    private const string Relaying = "\"relay\": { \"networks\": [\"10.0.0.0/8\"] }";

    [Theory]
    [InlineData("network", "203.0.113.0/24", "accept", null)]
    [InlineData("network", "203.0.113.0/24", "defer", "450 4.7.1")]
    [InlineData("network", "203.0.113.9", "reject", "550 5.7.1")]
    [InlineData("network", "203.0.113.8", "reject", null)]
    [InlineData("name", "mail.host.example", "defer", "450 4.7.1")]
    [InlineData("name", ".host.example", "reject", "550 5.7.1")]
    [InlineData("name", "host.example", "reject", null)]
    [InlineData("name", ".xhost.example", "reject", null)]
    public void Rule_about_clients_gives_its_reply(string key, string subject, string action, string? reply)
    {
        var policy = With($$""" "clients": [ { "{{key}}": "{{subject}}", "action": "{{action}}" } ] """);
        var verdict = Decide(policy, findings: new MailFindings { ClientName = Named("mail.host.example") });
        AssertReply(reply, verdict);
        Assert.Equal(reply is null ? "acceptedDomains[\"relay.example\"]" : $"clients[\"{subject}\"]", verdict.Rule);
    }

    [Theory]
    [InlineData("reject", "451 4.4.3")]
    [InlineData("defer", "451 4.4.3")]
    [InlineData("accept", null)]
    public void Rule_by_name_waits_for_DNS_only_where_it_would_refuse(string action, string? reply)
    {
        var policy = With($$""" "clients": [ { "name": ".host.example", "action": "{{action}}" } ] """);
        AssertReply(reply, Decide(policy, findings: new MailFindings { ClientName = HostNameFinding.Trouble }));
        AssertReply(null, Decide(policy, findings: new MailFindings { ClientName = HostNameFinding.None }));
        AssertReply(null, Decide(policy, findings: new MailFindings { ClientName = HostNameFinding.NotAsked }));
    }

    [Theory]
    [InlineData(""" "clients": [ { "name": "a.example" }, { "network": "203.0.113.0/24", "action": "reject" } ] """)]
    [InlineData(""" "clients": [ { "name": "a.example" } ], "senders": { "block": ["user.example"] } """)]
    [InlineData(""" "clients": [ { "name": "a.example" } ], "senders": { "unknownDomains": "reject" } """)]
    [InlineData(""" "clients": [ { "name": "a.example" } ], "dnsBlocklists": [ { "zone": "zen.example" } ] """)]
    public void Nothing_is_refused_for_good_while_the_name_that_may_free_the_client_cannot_be_looked_up(string rules)
    {
        var policy = With(rules);
        var findings = new MailFindings { SenderDomain = SenderDomainFinding.Unknown, Lists = [Listed("zen.example", "127.0.0.2")] };
        AssertReply("451 4.4.3", Decide(policy, findings: findings with { ClientName = HostNameFinding.Trouble }));
        Assert.Equal(5, Decide(policy, findings: findings with { ClientName = HostNameFinding.None }).Reply!.Code / 100);
        Assert.True(Decide(policy, findings: findings with { ClientName = Named("a.example") }).IsAccept);
    }

    [Fact]
    public void First_rule_that_matches_counts_not_the_most_specific()
    {
        var policy = With(""" "clients": [ { "network": "203.0.113.0/24" }, { "network": "203.0.113.9", "action": "reject" }, { "network": "192.0.2.7", "action": "defer" }, { "network": "192.0.2.0/24", "action": "reject" } ] """);
        AssertReply(null, Decide(policy));
        AssertReply("450 4.7.1", Decide(policy, client: "192.0.2.7"));
        AssertReply("550 5.7.1", Decide(policy, client: "::ffff:192.0.2.8"));
    }

    [Fact]
    public void Accepted_client_is_free_of_checks_and_has_no_right()
    {
        var policy = With("""
            "clients": [ { "network": "203.0.113.9" } ],
            "senders": { "block": ["user.example"], "ownDomainsFromOutside": "requireAuthentication", "unknownDomains": "reject" },
            "dnsBlocklists": [ { "zone": "zen.example" } ]
            """);
        var findings = new MailFindings { SenderDomain = SenderDomainFinding.Unknown, Lists = [Listed("zen.example", "127.0.0.2")] };
        Assert.True(Decide(policy, findings: findings).IsAccept);
        Assert.True(Decide(policy, sender: "boss@relay.example", findings: findings).IsAccept);
        Assert.Equal("default.relay", policy.DecideRecipient(Client(Stranger), Path("a@b.example"), Path("n@victim.example"), findings).Rule);
        Assert.False(policy.AsksForHeaderFrom(Client(Stranger)));
        Assert.Same(Inquiry.Nothing, policy.InquiryFor(Client(Stranger), Path("a@b.example")));
    }

    [Theory]
    [InlineData("bad@user.example", "accept", null)]
    [InlineData("bad@user.example", "defer", "450 4.7.1")]
    [InlineData("bad@user.example", "reject", "550 5.7.1")]
    [InlineData("BAD@USER.EXAMPLE", "reject", "550 5.7.1")]
    [InlineData("\\\"b\\\\ad\\\"@user.example", "reject", "550 5.7.1")]
    [InlineData("user.example", "reject", "550 5.7.1")]
    [InlineData(".example", "reject", "550 5.7.1")]
    [InlineData(".user.example", "reject", null)]
    [InlineData("good@user.example", "reject", null)]
    public void Rule_about_senders_gives_its_reply(string pattern, string action, string? reply)
    {
        var policy = With($$""" "senders": { "rules": [ { "sender": "{{pattern}}", "action": "{{action}}" } ] } """);
        AssertReply(reply, Decide(policy, sender: "bad@user.example"));
        AssertReply(reply, Decide(policy, sender: "\"bad\"@User.example"));
        AssertReply(null, Decide(policy, sender: ""));
    }

    [Fact]
    public void Domain_of_a_sender_is_compared_as_A_labels()
    {
        var policy = With(""" "senders": { "block": ["b\u00fccher.example", "j\u00f6rg@user.example"] } """);
        AssertReply("550 5.7.1", Decide(policy, sender: "a@xn--bcher-kva.example"));
        AssertReply("550 5.7.1", Decide(policy, sender: "a@b\u00fccher.EXAMPLE"));
        AssertReply("550 5.7.1", Decide(policy, sender: "J\u00d6RG@user.example"));
        AssertReply(null, Decide(policy, sender: "jorg@user.example"));
    }

    [Fact]
    public void Block_stands_behind_the_rules()
    {
        var policy = With(""" "senders": { "rules": [ { "sender": "good@spam.example" } ], "block": ["spam.example"] } """);
        AssertReply(null, Decide(policy, sender: "good@spam.example"));
        var refused = Decide(policy, sender: "bad@spam.example");
        AssertReply("550 5.7.1", refused);
        Assert.Equal("senders.block[\"spam.example\"]", refused.Rule);
    }

    [Theory]
    [InlineData("accept", SenderDomainFinding.Unknown, null)]
    [InlineData("accept", SenderDomainFinding.NullMx, null)]
    [InlineData("accept", SenderDomainFinding.Trouble, null)]
    [InlineData("defer", SenderDomainFinding.Unknown, "450 4.1.8")]
    [InlineData("defer", SenderDomainFinding.NullMx, "550 5.7.27")]
    [InlineData("defer", SenderDomainFinding.Trouble, "451 4.4.3")]
    [InlineData("reject", SenderDomainFinding.Unknown, "550 5.1.8")]
    [InlineData("reject", SenderDomainFinding.NullMx, "550 5.7.27")]
    [InlineData("reject", SenderDomainFinding.Trouble, "451 4.4.3")]
    [InlineData("reject", SenderDomainFinding.TakesMail, null)]
    [InlineData("reject", SenderDomainFinding.NotAsked, null)]
    public void Unknown_domain_of_a_sender_gives_its_reply(string action, SenderDomainFinding finding, string? reply)
    {
        var policy = With($$""" "senders": { "unknownDomains": "{{action}}", "rules": [ { "sender": "known@user.example" } ] }, {{Relaying}} """);
        var findings = new MailFindings { SenderDomain = finding };
        AssertReply(reply, Decide(policy, findings: findings));
        Assert.Equal(action != "accept", policy.InquiryFor(Client(Stranger), Path("bad@user.example")).SenderDomain);
        foreach (var (client, sender) in new[] { (Stranger, ""), (Stranger, "u@relay.example"), (Stranger, "known@user.example"), ("10.0.0.1", "bad@user.example"), (Stranger, "a@[192.0.2.1]") })
        {
            AssertReply(null, Decide(policy, client, sender, findings));
            Assert.Same(Inquiry.Nothing, policy.InquiryFor(Client(client), Path(sender)));
        }
    }

    [Theory]
    [InlineData("requireAuthentication", Stranger, null, "boss@relay.example", "550 5.7.1")]
    [InlineData("requireAuthentication", Stranger, null, "boss@RELAY.example", "550 5.7.1")]
    [InlineData("requireAuthentication", Stranger, null, "postmaster", "550 5.7.1")]
    [InlineData("requireAuthentication", Stranger, null, "", null)]
    [InlineData("requireAuthentication", Stranger, null, "boss@sub.relay.example", null)]
    [InlineData("requireAuthentication", Stranger, "alice", "boss@relay.example", null)]
    [InlineData("requireAuthentication", "10.0.0.1", null, "boss@relay.example", null)]
    [InlineData("accept", Stranger, null, "boss@relay.example", null)]
    public void Sender_of_ours_from_outside_gives_its_reply(string action, string client, string? user, string sender, string? reply)
    {
        var policy = With($$""" "senders": { "ownDomainsFromOutside": "{{action}}" }, {{Relaying}} """);
        AssertReply(reply, policy.DecideRecipient(Client(client, user: user), Path(sender), Path("u@relay.example")));
    }

    [Theory]
    [InlineData("reject", "127.0.0.2", "550 5.7.1")]
    [InlineData("defer", "127.0.0.2", "450 4.7.1")]
    [InlineData("tarpit", "127.0.0.2", null)]
    [InlineData("log", "127.0.0.2", null)]
    [InlineData("reject", "127.0.0.4", "550 5.7.1")]
    [InlineData("reject", "127.0.0.3", null)]
    [InlineData("reject", "127.255.255.254", null)]
    [InlineData("reject", "203.0.113.2", null)]
    public void Blocklist_gives_its_reply_for_answers_that_count(string action, string answer, string? reply)
    {
        var policy = With($$""" "dnsBlocklists": [ { "zone": "Zen.example", "answers": ["127.0.0.2", "127.0.0.4"], "action": "{{action}}" } ], {{Relaying}} """);
        var findings = new MailFindings { Lists = [Listed("zen.example", answer)] };
        var verdict = Decide(policy, findings: findings);
        AssertReply(reply, verdict);
        Assert.Equal(reply is not null, verdict.Reply?.ToString().Contains("zen.example", StringComparison.Ordinal) ?? false);
        Assert.True(Decide(policy, client: "10.0.0.1", findings: findings).IsAccept);
        Assert.Equal("zen.example", Assert.Single(policy.InquiryFor(Client(Stranger), Path("a@b.example")).Lists).Name);
        Assert.Same(Inquiry.Nothing, policy.InquiryFor(Client("10.0.0.1"), Path("a@b.example")));
    }

    [Fact]
    public void Lists_that_only_mark_say_so()
    {
        var policy = With("""
            "dnsBlocklists": [ { "zone": "slow.example", "action": "tarpit" }, { "zone": "log.example", "action": "log" }, { "zone": "bad.example" } ],
            "dnsAllowlists": [ { "zone": "good.example", "answers": ["127.0.0.9"] } ]
            """);
        MailFindings Found(params DnsListFinding[] lists) => new() { Lists = lists };
        var marked = policy.MarksOf(Client(Stranger), Found(Listed("log.example", "127.0.0.2"), Listed("slow.example", "127.0.0.2"), Listed("bad.example", "127.0.0.2")));
        Assert.Equal(
            [("slow.example", DnsBlocklistAction.Tarpit), ("log.example", DnsBlocklistAction.Log)],
            marked.Select(mark => (mark.Zone.Name, mark.Action)));
        Assert.StartsWith("dnsBlocklists[\"slow.example\"] (line ", marked[0].Rule, StringComparison.Ordinal);
        Assert.Empty(policy.MarksOf(Client(Stranger), Found(Listed("slow.example", "127.0.0.3"))));
        Assert.Empty(policy.MarksOf(Client(Stranger), Found(Listed("slow.example", "127.0.0.2"), Listed("good.example", "127.0.0.9"))));
        Assert.Empty(policy.MarksOf(Client(Stranger), MailFindings.None));
    }

    [Fact]
    public void Client_on_an_allow_list_is_not_refused_by_a_blocklist()
    {
        var policy = With(""" "dnsBlocklists": [ { "zone": "bad.example" } ], "dnsAllowlists": [ { "zone": "good.example" } ] """);
        var bad = Listed("bad.example", "127.0.0.2");
        AssertReply("550 5.7.1", Decide(policy, findings: new MailFindings { Lists = [bad] }));
        AssertReply(null, Decide(policy, findings: new MailFindings { Lists = [bad, Listed("good.example", "127.0.0.2")] }));
        AssertReply("550 5.7.1", Decide(policy, findings: new MailFindings { Lists = [bad, Listed("good.example", "127.0.0.3")] }));
        Assert.Equal(["good.example", "bad.example"], policy.InquiryFor(Client(Stranger), MailPath.Null).Lists.Select(zone => zone.Name));
    }

    [Fact]
    public void Allow_lists_alone_are_not_asked() =>
        Assert.Same(Inquiry.Nothing, With(""" "dnsAllowlists": [ { "zone": "good.example" } ] """).InquiryFor(Client(Stranger), MailPath.Null));

    [Theory]
    [InlineData("\"clientNames\": true", Stranger, true)]
    [InlineData("\"clientNames\": true", "10.0.0.1", true)]
    [InlineData("\"clientNames\": false", Stranger, false)]
    [InlineData("\"clients\": [ { \"name\": \"a.example\" } ]", Stranger, true)]
    [InlineData("\"clients\": [ { \"name\": \"a.example\" } ]", "10.0.0.1", false)]
    [InlineData("\"clients\": [ { \"network\": \"203.0.113.9\", \"action\": \"reject\" }, { \"name\": \"a.example\" } ]", Stranger, false)]
    [InlineData("\"clients\": [ { \"name\": \"a.example\" }, { \"network\": \"203.0.113.9\", \"action\": \"reject\" } ]", Stranger, true)]
    public void Name_is_asked_for_where_it_can_matter(string rules, string client, bool isAsked) =>
        Assert.Equal(isAsked, With($"{rules}, {Relaying}").InquiryFor(Client(client), Path("a@b.example")).ClientName);

    [Theory]
    [InlineData("b\u00fccher.example", true)]
    [InlineData(".xn--bcher-kva.example", true)]
    [InlineData("sub.xn--bcher-kva.example", true)]
    [InlineData("relay.example", false)]
    [InlineData("axn--b.example", false)]
    public void From_header_that_cannot_be_told_may_name_ours_only_when_ours_is_internationalized(string ours, bool isRefused)
    {
        var policy = Compile($$"""{ "acceptedDomains": ["a.example", "{{ours}}"], "senders": { "ownDomainsFromOutside": "requireAuthentication" } }""");
        AssertReply(isRefused ? "550 5.7.1" : null, policy.DecideHeaderFrom(Client(Stranger), new FromNames([Domain("x.example")], HoldsUnclear: true)));
        AssertReply(null, policy.DecideHeaderFrom(Client(Stranger), new FromNames([Domain("x.example")])));
    }

    [Fact]
    public void Header_From_is_looked_at_for_clients_from_outside()
    {
        var policy = With($$""" "senders": { "ownDomainsFromOutside": "requireAuthentication" }, {{Relaying}} """);
        Assert.True(policy.AsksForHeaderFrom(Client(Stranger)));
        Assert.False(policy.AsksForHeaderFrom(Client("10.0.0.1")));
        Assert.False(policy.AsksForHeaderFrom(Client(Stranger, user: "alice")));
        Assert.False(With(Relaying).AsksForHeaderFrom(Client(Stranger)));
        AssertReply("550 5.7.1", policy.DecideHeaderFrom(Client(Stranger), new FromNames([Domain("x.example"), Domain("Relay.example")])));
        AssertReply(null, policy.DecideHeaderFrom(Client(Stranger), new FromNames([Domain("x.example"), Domain("sub.relay.example")])));
        AssertReply(null, policy.DecideHeaderFrom(Client(Stranger), new FromNames([])));
        AssertReply(null, policy.DecideHeaderFrom(Client("10.0.0.1"), new FromNames([Domain("relay.example")])));
    }

    [Fact]
    public void Header_From_waits_while_the_name_that_may_free_the_client_cannot_be_looked_up()
    {
        var policy = With(""" "clients": [ { "name": "a.example" } ], "senders": { "ownDomainsFromOutside": "requireAuthentication" } """);
        Verdict DecideFor(HostNameFinding name) =>
            policy.DecideHeaderFrom(Client(Stranger), new FromNames([Domain("relay.example")]), new MailFindings { ClientName = name });
        AssertReply("451 4.4.3", DecideFor(HostNameFinding.Trouble));
        AssertReply("550 5.7.1", DecideFor(HostNameFinding.None));
        AssertReply(null, DecideFor(Named("a.example")));
    }

    private static PolicySnapshot With(string members) => Compile($$"""{ "acceptedDomains": ["relay.example"], {{members}} }""");

    private static Verdict Decide(PolicySnapshot policy, string client = Stranger, string sender = "bad@user.example", MailFindings? findings = null) =>
        policy.DecideRecipient(Client(client), Path(sender), Path("u@relay.example"), findings);

    private static HostNameFinding Named(string name) => new(HostNameState.Proven, Domain(name));

    private static DnsListFinding Listed(string zone, string answer) => new(Domain(zone), [IPAddress.Parse(answer)]);

    private static void AssertReply(string? expected, Verdict verdict)
    {
        Assert.Equal(expected, verdict.Reply is { } reply ? $"{reply.Code} {reply.Status}" : null);
        Assert.Equal(expected is null, verdict.IsAccept);
        var text = verdict.Reply?.ToString() ?? "";
        Assert.True(text.Length <= 200 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'), text);
    }
}
