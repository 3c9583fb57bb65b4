using System.Net;
using CsCheck;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>Random rules about clients and senders, with random findings, against the oracle; and what no rule may ever do.</summary>
public sealed class AdmissionProperties
{
    private static readonly string[] Subjects =
    [
        "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/24", "192.0.2.7", "203.0.113.128/25", "2001:db8::/32", "::1",
        "host.example", ".host.example", ".dynamic.host.example", "a.dynamic.host.example",
    ];

    private static readonly string[] SenderPatterns =
        ["bad@user.example", "user.example", ".user.example", "relay.example", ".sub.relay.example", "x@spam.example", "spam.example", ".example"];

    private static readonly string[] Senders =
    [
        "", "bad@user.example", "BAD@User.Example", "\"bad\"@user.example", "good@user.example", "x@spam.example", "x@a.user.example",
        "boss@relay.example", "x@a.sub.relay.example", "x@[192.0.2.1]", "x@elsewhere.test",
    ];

    private static readonly string[] Recipients = [.. DecisionProperties.Recipients, "postmaster@relay.example", "Postmaster@other.example"];

    private static readonly string[] Zones = ["zen.example", "bl.example", "list.test"];

    private static readonly Gen<string> Action = Gen.OneOf("accept", "defer", "reject");

    private static readonly Gen<(string Zone, string Action)[]> Blocklists = Gen.Select(
        Gen.Shuffle(Zones, 0, 2),
        Gen.OneOf("reject", "defer", "tarpit", "log").Array[2],
        (zones, actions) => zones.Select((zone, index) => (zone, actions[index])).ToArray());

    private static readonly Gen<AdmissionOracle> Policies = Gen.Select(
        DecisionProperties.Policies,
        Gen.Select(Gen.OneOf(Subjects), Action).Array[0, 4],
        Gen.Select(Gen.OneOf(SenderPatterns), Action).Array[0, 3],
        Gen.OneOf(SenderPatterns).Array[0, 2],
        Gen.Bool,
        Action,
        Blocklists,
        Gen.Shuffle(Zones, 0, 1),
        (rights, clients, rules, block, own, unknown, blocklists, allowlists) =>
            new AdmissionOracle(rights, clients, rules, block, own, unknown, blocklists, allowlists));

    private static readonly Gen<HostNameFinding> Names = Gen.OneOf(
        HostNameFinding.NotAsked,
        HostNameFinding.None,
        HostNameFinding.Trouble,
        Named("host.example"),
        Named("mail.host.example"),
        Named("a.dynamic.host.example"));

    private static readonly Gen<DnsListFinding> List = Gen.Select(
        Gen.OneOf(Zones),
        Gen.OneOf("127.0.0.2", "127.0.0.3", "127.255.255.254", "10.0.0.2", "127.0.0.2").Array[0, 2],
        (zone, answers) => new DnsListFinding(Domain(zone), Array.ConvertAll(answers, IPAddress.Parse)));

    private static readonly Gen<MailFindings> Findings = Gen.Select(
        Names,
        Gen.Enum<SenderDomainFinding>(),
        List.Array[0, 3],
        (name, sender, lists) => new MailFindings { ClientName = name, SenderDomain = sender, Lists = lists });

    private static readonly Gen<Case> Cases = Gen.Select(
        Policies,
        Gen.OneOf(DecisionProperties.Clients),
        Gen.OneOf(DecisionProperties.Listeners),
        Gen.OneOf<string?>(null, null, "alice"),
        Gen.OneOf(Senders),
        Findings,
        (oracle, client, listener, user, sender, findings) => new Case(oracle, client, listener, user, sender, findings));

    [Fact]
    public void Compiled_rules_decide_as_the_oracle_does()
    {
        var outcomes = new int[3];
        Cases.Sample(
            test =>
            {
                var policy = Compile(test.Oracle.ToJson());
                foreach (var recipient in Recipients)
                {
                    var verdict = test.Decide(policy, recipient);
                    var expected = test.Oracle.Decide(test.Client, test.Listener, test.User, test.Sender, recipient, test.Findings);
                    Assert.Equal(expected, (verdict.Action, verdict.Rule));
                    Assert.Equal((int)verdict.Action switch { 0 => null, 1 => 4, _ => 5 }, verdict.Reply?.Code / 100);
                    Interlocked.Increment(ref outcomes[(int)verdict.Action]);
                }
            },
            iter: 5_000);
        Assert.All(outcomes, count => Assert.True(count > 1_000, "every outcome must come up"));
    }

    [Fact]
    public void Rules_about_clients_and_senders_never_give_the_right_to_relay()
    {
        var looked = 0;
        Cases.Sample(
            test =>
            {
                var policy = Compile(test.Oracle.ToJson());
                foreach (var recipient in Recipients)
                {
                    if (test.Oracle.Rights.Decide(test.Client, test.Listener, recipient, test.User).Action == VerdictAction.Refuse)
                    {
                        Interlocked.Increment(ref looked);
                        Assert.False(test.Decide(policy, recipient).IsAccept);
                    }
                }
            },
            iter: 3_000);
        Assert.True(looked > 1_000, "enough strangers must come up");
    }

    [Fact]
    public void Postmaster_of_ours_is_always_accepted_and_the_null_path_never_refused_as_a_sender()
    {
        Cases.Sample(
            test =>
            {
                var policy = Compile(test.Oracle.ToJson());
                foreach (var pattern in test.Oracle.Rights.AcceptedDomains)
                {
                    var domain = pattern[0] == '.' ? "a" + pattern : pattern;
                    Assert.True(test.Decide(policy, $"PostMaster@{domain}").IsAccept);
                    Assert.True(pattern[0] == '.' || test.Decide(policy, "postmaster").IsAccept);
                    var fromNobody = (test with { Sender = "" }).Decide(policy, $"u@{domain}");
                    Assert.False(fromNobody.Rule.StartsWith("senders", StringComparison.Ordinal), fromNobody.Rule);
                }
            },
            iter: 3_000);
    }

    [Fact]
    public void What_is_not_asked_cannot_change_a_decision()
    {
        var asked = 0;
        var spared = 0;
        Cases.Sample(
            test =>
            {
                var policy = Compile(test.Oracle.ToJson());
                var inquiry = policy.InquiryFor(test.Facts, Path(test.Sender));
                var answered = new MailFindings
                {
                    ClientName = inquiry.ClientName ? test.Findings.ClientName : HostNameFinding.NotAsked,
                    SenderDomain = inquiry.SenderDomain ? test.Findings.SenderDomain : SenderDomainFinding.NotAsked,
                    Lists = [.. test.Findings.Lists.Where(list => inquiry.Lists.Contains(list.Zone))],
                };
                _ = inquiry == Inquiry.Nothing ? Interlocked.Increment(ref spared) : Interlocked.Increment(ref asked);
                foreach (var recipient in Recipients)
                {
                    Assert.Equal(test.Decide(policy, recipient), (test with { Findings = answered }).Decide(policy, recipient));
                }

                Assert.Equal(
                    policy.MarksOf(test.Facts, test.Findings).Count > 0 && test.Decide(policy, "u@relay.example").IsAccept,
                    policy.MarksOf(test.Facts, answered).Count > 0 && test.Decide(policy, "u@relay.example").IsAccept);
            },
            iter: 5_000);
        Assert.True(asked > 500 && spared > 500, "both must come up");
    }

    [Fact]
    public void Client_with_a_right_is_never_asked_about()
    {
        Cases.Sample(
            test =>
            {
                if (test.Oracle.Rights.HasRight(test.Client, test.Listener, test.User))
                {
                    Assert.Same(Inquiry.Nothing, Compile(test.Oracle.ToJson()).InquiryFor(test.Facts, Path(test.Sender)));
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void Explanation_with_findings_tells_what_is_decided()
    {
        Cases.Sample(
            test =>
            {
                var policy = Compile(test.Oracle.ToJson());
                foreach (var recipient in Recipients)
                {
                    var verdict = test.Decide(policy, recipient);
                    var explanation = policy.Explain(test.Facts, Path(test.Sender), Path(recipient), test.Findings);
                    Assert.Same(verdict, explanation.Verdict);
                    Assert.Equal(verdict.Action, explanation.Steps.Last(step => step.Action is not null).Action);
                }
            },
            iter: 1_000);
    }

    private static HostNameFinding Named(string name) => new(HostNameState.Proven, Domain(name));

    private sealed record Case(AdmissionOracle Oracle, string Client, string Listener, string? User, string Sender, MailFindings Findings)
    {
        public ClientFacts Facts => TestPolicies.Client(Client, Listener, User);

        public Verdict Decide(PolicySnapshot policy, string recipient) =>
            policy.DecideRecipient(Facts, Path(Sender), Path(recipient), Findings);
    }
}
