using CsCheck;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>Random policies, clients and recipients against the oracle, and the first promise: never an open relay.</summary>
public sealed class DecisionProperties
{
    private static readonly string[] Patterns =
    [
        "relay.example", ".relay.example", "sub.relay.example", ".sub.relay.example", "other.example", ".other.example", "xrelay.example",
        "victim.example", "example",
    ];

    private static readonly string[] Networks =
    [
        "10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "192.0.2.0/24", "192.0.2.7", "203.0.113.128/25",
        "127.0.0.0/8", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::25", "::1", "fc00::/7",
    ];

    internal static readonly string[] Clients =
    [
        "9.255.255.255", "10.0.0.0", "10.1.0.1", "10.1.2.3", "10.1.2.4", "10.127.255.255", "10.128.0.0", "11.0.0.0", "127.0.0.1",
        "192.0.2.7", "192.0.2.8", "192.0.3.0", "203.0.113.127", "203.0.113.128", "::ffff:10.1.2.3", "::ffff:192.0.2.7",
        "::ffff:203.0.113.127", "::1", "::2", "2001:db8::1", "2001:db8:1::25", "2001:db8:1::26", "2001:db9::", "fd00::1",
    ];

    internal static readonly string[] Listeners = ["public", "internal", "submission"];

    internal static readonly string[] Recipients =
    [
        "u@relay.example", "U@RELAY.example", "u@sub.relay.example", "u@a.sub.relay.example", "u@xrelay.example",
        "u@relay.example.victim.example", "u@other.example", "u@a.other.example", "n@victim.example", "n@example", "n@relay.example.test",
        "\"n@victim.example\"@relay.example",
        "n%victim.example@relay.example", "victim.example!n@other.example", "n@[203.0.113.9]", "n@[127.0.0.1]", "postmaster", "POSTMASTER",
    ];

    private static readonly string[] RoutePatterns = ["relay.example", ".relay.example", "sub.relay.example", ".example", "*"];

    internal static readonly Gen<DecisionOracle> Policies = Gen.Select(
        Gen.OneOf(Patterns).Array[0, 4],
        Gen.OneOf(Networks).Array[0, 4],
        Gen.OneOf(Listeners).Array[0, 1],
        Gen.OneOf(Networks).Array[0, 2],
        Gen.OneOf<string?>(null, "admin@victim.example"),
        Gen.Shuffle(RoutePatterns, 0, RoutePatterns.Length),
        Gen.Bool,
        (accepted, networks, listeners, never, postmaster, routes, authenticated) => new DecisionOracle(
            accepted,
            networks,
            listeners,
            never,
            postmaster,
            [.. routes.Select((pattern, index) => (pattern, $"hop{index}.internal"))],
            authenticated));

    [Fact]
    public void Compiled_policy_decides_as_the_oracle_does()
    {
        var accepted = 0;
        var refused = 0;
        Gen.Select(Policies, Gen.OneOf(Clients), Gen.OneOf(Listeners), Gen.OneOf<string?>(null, "alice")).Sample(
            (oracle, client, listener, user) =>
            {
                var policy = Compile(oracle.ToJson());
                foreach (var recipient in Recipients)
                {
                    var verdict = policy.Decide(Client(client, listener, user), recipient);
                    Assert.Equal(oracle.Decide(client, listener, recipient, user), (verdict.Action, verdict.Rule));
                    _ = verdict.IsAccept ? Interlocked.Increment(ref accepted) : Interlocked.Increment(ref refused);
                }
            },
            iter: 3_000);
        Assert.True(accepted > 1_000 && refused > 1_000, "both outcomes must come up");
    }

    [Fact]
    public void Compiled_policy_routes_as_the_oracle_does()
    {
        Policies.Sample(
            oracle =>
            {
                var policy = Compile(oracle.ToJson());
                foreach (var recipient in Recipients)
                {
                    if (Path(recipient).Domain is { } domain)
                    {
                        Assert.Equal(oracle.RouteHost(domain.Name), policy.FindRoute(domain)?.Target.Host);
                    }
                }
            },
            iter: 500);
    }

    [Fact]
    public void Client_that_no_rule_names_never_relays()
    {
        var looked = 0;
        var senders = Gen.OneOf("", "boss@relay.example", "x@victim.example");
        Gen.Select(Policies, Gen.OneOf(Clients), Gen.OneOf(Listeners), Gen.OneOf(Recipients), senders).Sample(
            (oracle, client, listener, recipient, sender) =>
            {
                var path = Path(recipient);
                if (oracle.Names(client, listener) || oracle.Authenticated || path.Domain is not { } domain || IsAccepted(oracle, domain))
                {
                    return;
                }

                Interlocked.Increment(ref looked);
                var policy = Compile(oracle.ToJson());
                var verdict = policy.DecideRecipient(Client(client, listener, user: "alice"), Path(sender), path);
                Assert.Equal(VerdictAction.Refuse, verdict.Action);
                Assert.Equal(550, verdict.Reply!.Code);
            },
            iter: 5_000);
        Assert.True(looked > 500, "enough strangers must come up");
    }

    [Fact]
    public void Stranger_of_random_address_never_relays_to_a_random_domain()
    {
        var policy = Compile("""
            { "acceptedDomains": ["relay.example", ".relay.example"],
              "relay": { "networks": ["10.0.0.0/8", "2001:db8::/32"], "listeners": ["internal"] } }
            """);
        var label = Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"], 1, 12].Select(text => "a" + text);
        Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Bool, label.Array[1, 5]).Sample((four, sixteen, isIPv4, labels) =>
        {
            var address = new System.Net.IPAddress(isIPv4 ? four : sixteen);
            var isNamed = isIPv4 ? four[0] == 10 : sixteen.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x20, 0x01, 0x0D, 0xB8]);
            var recipient = Path($"n@{string.Join('.', labels)}");
            foreach (var seen in isIPv4 ? [address, address.MapToIPv6()] : (System.Net.IPAddress[])[address])
            {
                var verdict = policy.DecideRecipient(new ClientFacts(seen, "public", null), MailPath.Null, recipient);
                Assert.Equal(isNamed, verdict.IsAccept);
            }
        });
    }

    [Fact]
    public void Explanation_always_tells_what_is_decided()
    {
        Gen.Select(Policies, Gen.OneOf(Clients), Gen.OneOf(Listeners), Gen.OneOf(Recipients)).Sample(
            (oracle, address, listener, recipient) =>
            {
                var policy = Compile(oracle.ToJson());
                var client = Client(address, listener);
                var path = Path(recipient);
                var explanation = policy.Explain(client, MailPath.Null, path);
                var verdict = policy.DecideRecipient(client, MailPath.Null, path);
                Assert.Same(verdict, explanation.Verdict);
                Assert.Equal(verdict.Action, explanation.Steps.Last(step => step.Action is not null).Action);
                Assert.Equal(verdict.IsAccept ? policy.ResolveRecipient(path) : path, explanation.ResolvedRecipient);
                Assert.Equal(verdict.IsAccept ? policy.FindRoute(explanation.ResolvedRecipient.Domain!) : null, explanation.Route);
            },
            iter: 2_000);
    }

    private static bool IsAccepted(DecisionOracle oracle, MailDomain domain) => oracle.AcceptedDomains.Any(pattern =>
        pattern == domain.Name || (pattern[0] == '.' && domain.Literal is null && domain.Name.EndsWith(pattern, StringComparison.Ordinal)));
}
