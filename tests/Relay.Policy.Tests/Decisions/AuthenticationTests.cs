using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>What a proven user may do: relay, and name senders.</summary>
public sealed class AuthenticationTests
{
    private static readonly PolicySnapshot Policy = Compile("""
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "authenticated": true, "networks": ["10.0.0.0/8"], "never": ["10.66.0.0/16"] },
          "senders": { "identities": {
            "alice": ["Alice@relay.example", "sales.example", ".apps.example"],
            "bob": [],
            "*": ["shared@relay.example"] } }
        }
        """);

    [Theory]
    [InlineData("203.0.113.9", "alice", "relay.authenticated")]
    [InlineData("10.0.0.1", "alice", "relay.authenticated")]
    [InlineData("10.0.0.1", null, "relay.networks[\"10.0.0.0/8\"]")]
    [InlineData("203.0.113.9", null, "default.relay")]
    [InlineData("10.66.0.1", "alice", "relay.never[\"10.66.0.0/16\"]")]
    public void Proven_user_may_relay_unless_never_holds_the_client(string client, string? user, string rule) =>
        Assert.Equal(rule, Policy.Decide(Client(client, user: user), "n@victim.example").Rule);

    [Theory]
    [InlineData("""{ "relay": { "authenticated": false } }""")]
    [InlineData("{}")]
    public void User_has_no_right_where_policy_gives_none(string json) =>
        Assert.Equal("default.relay", Compile(json).Decide(Client("203.0.113.9", user: "alice"), "n@victim.example").Rule);

    [Theory]
    [InlineData("alice", "alice@relay.example", true)]
    [InlineData("alice", "anyone@sales.example", true)]
    [InlineData("alice", "customer@x.example alice@relay.example", true)] // the name that is shown tells of another
    [InlineData("alice", "", true)]
    [InlineData("alice", "boss@relay.example", false)]
    [InlineData("alice", "alice@relay.example boss@relay.example", false)]
    [InlineData("alice", "anyone@sales.example boss@relay.example", false)]
    [InlineData("alice", "\"\"@relay.example", false)]
    [InlineData("alice", "ceo@x.example", false)]
    [InlineData("bob", "ceo@x.example", false)]
    [InlineData("bob", "shared@relay.example", false)]
    [InlineData("carol", "shared@relay.example", true)]
    public void Header_From_of_a_user_must_be_its_own_under_whichever_sender(string user, string authors, bool isTaken)
    {
        MailPath[] addresses = [.. authors.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Path)];
        var names = new FromNames([.. addresses.Select(static address => address.Domain!)]) { Addresses = addresses };
        Assert.True(Policy.AsksForHeaderFrom(Client("10.0.0.1", user: user)));
        var verdict = Policy.DecideHeaderFrom(Client("10.0.0.1", user: user), names);
        Assert.Equal(isTaken, verdict.IsAccept);
        Assert.True(isTaken || verdict is { Rule: "senders.identities[\"alice\"]" or "senders.identities[\"bob\"]", Reply.Code: 550 });
        Assert.False(Policy.DecideHeaderFrom(Client("10.0.0.1", user: user), null).IsAccept);
        Assert.Contains(
            Policy.Explain(Client("10.0.0.1", user: user), MailPath.Null, Path("n@relay.example")).Steps, static step => step.Key == "from");
    }

    [Fact]
    public void Header_From_of_a_user_is_nobodys_business_without_identities()
    {
        var policy = Compile("""{ "acceptedDomains": ["relay.example"], "senders": { "ownDomainsFromOutside": "requireAuthentication" } }""");
        Assert.False(policy.AsksForHeaderFrom(Client("203.0.113.9", user: "alice")));
        Assert.True(Policy.DecideHeaderFrom(Client("203.0.113.9"), new FromNames([Domain("relay.example")])).IsAccept);
    }

    [Theory]
    [InlineData("alice", "alice@relay.example")]
    [InlineData("alice", "ALICE@Relay.Example")]
    [InlineData("alice", "\"alice\"@relay.example")]
    [InlineData("alice", "\"al\\ice\"@relay.example")]
    [InlineData("alice", "anyone@sales.example")]
    [InlineData("alice", "x@mailer.apps.example")]
    [InlineData("carol", "shared@relay.example")]
    [InlineData("alice", "")]
    [InlineData("bob", "")]
    [InlineData(null, "boss@relay.example")]
    public void Sender_of_ones_own_is_taken(string? user, string sender) =>
        Assert.True(Policy.DecideSender(Client("203.0.113.9", user: user), Path(sender)).IsAccept);

    [Theory]
    [InlineData("alice", "boss@relay.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "alice%x@relay.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "\"alice \"@relay.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "x@a.sales.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "x@apps.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "x@xapps.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "shared@relay.example", "senders.identities[\"alice\"]")]
    [InlineData("alice", "postmaster", "senders.identities[\"alice\"]")]
    [InlineData("alice", "alice@[192.0.2.1]", "senders.identities[\"alice\"]")]
    [InlineData("bob", "bob@relay.example", "senders.identities[\"bob\"]")]
    [InlineData("Alice", "alice@relay.example", "senders.identities[\"*\"]")]
    [InlineData("carol", "carol@relay.example", "senders.identities[\"*\"]")]
    public void Sender_of_another_is_refused_by_name(string user, string sender, string rule)
    {
        var verdict = Policy.DecideSender(Client("10.0.0.1", user: user), Path(sender));
        Assert.Equal((VerdictAction.Refuse, rule, 550, "5.7.1"), (verdict.Action, verdict.Rule, verdict.Reply!.Code, verdict.Reply.Status.ToString()));
        Assert.Contains($"<{sender}>", Assert.Single(verdict.Reply.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void User_without_entry_may_name_no_sender_where_no_entry_is_for_all()
    {
        var policy = Compile("""{ "senders": { "identities": { "alice": ["a.example"] } } }""");
        Assert.Equal("senders.identities", policy.DecideSender(Client("203.0.113.9", user: "bob"), Path("bob@a.example")).Rule);
    }

    [Fact]
    public void Any_user_may_name_any_sender_where_there_is_no_map() =>
        Assert.True(Compile("{}").DecideSender(Client("203.0.113.9", user: "bob"), Path("boss@relay.example")).IsAccept);

    [Fact]
    public void Sender_is_named_in_ASCII()
    {
        var reply = Policy.DecideSender(Client("203.0.113.9", user: "bob"), Path("b\u00fc\u00df@relay.example")).Reply!;
        Assert.Contains("<b??@relay.example>", reply.ToString(), StringComparison.Ordinal);
    }
}
