using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Limits;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Limits;

/// <summary>Which limits count for whom, and under which keys.</summary>
public sealed class LimitRulesTests
{
    private static readonly LimitBudget Budget = new(100, TimeSpan.FromMinutes(1), 200);

    [Theory]
    [InlineData("192.0.2.7", "a 192.0.2.7", "b 192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.7", "a 192.0.2.7", "b 192.0.2.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "a 2001:db8:1:2::/64", "b 2001:db8:1::/48")]
    public void Clients_and_networks_are_counted_by_what_one_owner_has(string address, string client, string network)
    {
        var rules = Rules(Limit("a", LimitKeyPart.Client), Limit("b", LimitKeyPart.Network));
        Assert.Equal([client, network], Mail(rules, Client(address)));
    }

    [Fact]
    public void Parts_of_a_key_are_counted_together()
    {
        var rules = Rules(Limit("a", LimitKeyPart.SenderDomain, LimitKeyPart.Client));
        Assert.Equal(["a b.example 203.0.113.9"], Mail(rules, Client("203.0.113.9"), "x@B.example"));
        Assert.Equal(["a <> 203.0.113.9"], Mail(rules, Client("203.0.113.9"), null));
    }

    [Theory]
    [InlineData("203.0.113.9", null, false)]
    [InlineData("10.0.0.7", null, true)]
    [InlineData("203.0.113.9", "alice", true)]
    public void What_anyone_can_claim_counts_for_trusted_clients_only(string address, string? user, bool counts)
    {
        var rules = Rules(Limit("a", LimitKeyPart.SenderDomain), Limit("b", LimitKeyPart.SenderDomain) with { CountsUnproven = true });
        Assert.Equal(counts ? ["a b.example", "b b.example"] : ["b b.example"], Mail(rules, Client(address, user: user), "x@b.example"));
    }

    [Theory]
    [InlineData("203.0.113.9", null, true)]
    [InlineData("10.0.0.7", null, false)]
    [InlineData("10.66.0.1", null, true)]
    [InlineData("203.0.113.9", "alice", false)]
    public void Untrusted_is_who_neither_logged_in_nor_may_relay(string address, string? user, bool counts)
    {
        var rules = Rules(Limit("a", LimitKeyPart.Client) with { Audience = LimitAudience.Untrusted });
        Assert.Equal(counts, Mail(rules, Client(address, user: user)).Count == 1);
    }

    [Fact]
    public void User_counts_only_with_a_login()
    {
        var rules = Rules(Limit("a", LimitKeyPart.User));
        Assert.Empty(Mail(rules, Client("10.0.0.7")));
        Assert.Equal(["a alice"], Mail(rules, Client("10.0.0.7", user: "alice")));
    }

    [Fact]
    public void Each_unit_is_taken_where_it_is_known()
    {
        var rules = Rules(
            Limit("c", LimitKeyPart.Client) with { Unit = LimitUnit.Connections },
            Limit("m", LimitKeyPart.Client),
            Limit("r", LimitKeyPart.Client) with { Unit = LimitUnit.Recipients },
            Limit("b", LimitKeyPart.Client) with { Unit = LimitUnit.Bytes },
            Limit("d", LimitKeyPart.RecipientDomain));
        var client = Client("10.0.0.7");
        Assert.Equal(["c 10.0.0.7"], Keys(rules.ForConnection(client)));
        Assert.Equal([("m 10.0.0.7", 1), ("b 10.0.0.7", 5000)], rules.ForMail(client, Path("x@b.example"), 5000).Select(c => (c.Key, (int)c.Cost)));
        Assert.Equal([("m 10.0.0.7", 1), ("b 10.0.0.7", 1)], rules.ForMail(client, Path("x@b.example"), null).Select(c => (c.Key, (int)c.Cost)));
        Assert.Equal(["r 10.0.0.7", "d v.example"], Keys(rules.ForRecipient(client, Path("x@b.example"), Path("y@v.example"), null, isFirstOfDomain: true)));
        Assert.Equal(["r 10.0.0.7"], Keys(rules.ForRecipient(client, Path("x@b.example"), Path("z@v.example"), null, isFirstOfDomain: false)));
        Assert.True(rules.AsksForFirstOfDomain);
    }

    [Theory]
    [InlineData(LimitUnit.Messages, "450 4.7.1")]
    [InlineData(LimitUnit.Bytes, "450 4.7.1")]
    [InlineData(LimitUnit.Recipients, "452 4.5.3")]
    [InlineData(LimitUnit.Connections, "421 4.7.0")]
    public void Refusal_is_for_now_and_names_the_limit(LimitUnit unit, string code)
    {
        var verdict = Assert.Single(Rules(Limit("mine", LimitKeyPart.Client) with { Unit = unit }).All).Refusal;
        Assert.Equal(VerdictAction.Defer, verdict.Action);
        Assert.Equal("limits[\"mine\"]", verdict.Rule);
        Assert.Equal(code, $"{verdict.Reply!.Code} {verdict.Reply.Status}");
        Assert.Contains("limit mine", verdict.Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_that_is_long_is_short_and_its_own()
    {
        var long1 = LimitKeys.Of("a", [new string('x', 250)]);
        Assert.InRange(long1.Length, 1, LimitKeys.LengthMax);
        Assert.NotEqual(long1, LimitKeys.Of("a", [new string('x', 251)]));
        Assert.NotEqual(LimitKeys.Of("a", ["b", "c"]), LimitKeys.Of("a", ["b c", ""]));
    }

    [Fact]
    public void Too_many_keys_share_their_network_and_then_everyone()
    {
        var claim = Assert.Single(Rules(Limit("a", LimitKeyPart.SenderDomain) with { CountsUnproven = true })
            .ForMail(Client("2001:db8:1:2::9"), Path("x@b.example"), null));
        var network = claim.Shared()!;
        Assert.Equal("a +2001:db8:1::/48", network.Key);
        var all = network.Shared()!;
        Assert.Equal("a +", all.Key);
        Assert.Null(all.Shared());
    }

    private static RateLimit Limit(string name, params LimitKeyPart[] key) => new(name, key, LimitUnit.Messages, Budget);

    private static LimitRules Rules(params RateLimit[] limits) => PolicySnapshot.Compile(
        new PolicyDocument
        {
            Limits = limits,
            Relay = new RelayRules { Networks = [Network("10.0.0.0/8")], Never = [Network("10.66.0.0/16")] },
        },
        version: 1).RateLimits;

    private static NetworkRange Network(string text) => NetworkRange.TryParse(text, out var range, out var error) ? range : throw new ArgumentException(error);

    private static List<string> Mail(LimitRules rules, ClientFacts client, string? sender = "x@b.example") =>
        Keys(rules.ForMail(client, sender is null ? MailPath.Null : Path(sender), null));

    private static List<string> Keys(IReadOnlyList<LimitClaim> claims) => [.. claims.Select(claim => claim.Key)];
}
