using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Documents;

/// <summary>What can be wrong with the keys about recipients, users and senders.</summary>
public sealed class RecipientDocumentTests
{
    private const string Accepted = "\"acceptedDomains\": [\"relay.example\", \".sub.example\", \"a.b.example\"]";

    [Theory]
    [InlineData("\"recipients\": { \"relay.example\": \"some\" }", "recipients[\"relay.example\"]")]
    [InlineData("\"recipients\": { \"relay.example\": \"file:\" }", "recipients[\"relay.example\"]")]
    [InlineData("\"recipients\": { \"*\": \"none\" }", "recipients[\"*\"]")]
    [InlineData("\"recipients\": { \"relay.example\": \"none\", \"Relay.example\": \"none\" }", "recipients[\"Relay.example\"]")]
    [InlineData("\"recipients\": []", "recipients")]
    [InlineData("\"recipients\": { \"victim.example\": \"callout\" }", "recipients[\"victim.example\"]")]
    [InlineData("\"recipients\": { \".relay.example\": \"callout\" }", "recipients[\".relay.example\"]")]
    [InlineData("\"recipients\": { \"sub.example\": \"none\" }", "recipients[\"sub.example\"]")]
    [InlineData("\"recipients\": { \"xsub.example\": \"none\" }", "recipients[\"xsub.example\"]")]
    [InlineData("\"calloutTrouble\": \"refuse\"", "calloutTrouble")]
    [InlineData("\"relay\": { \"authenticated\": \"yes\" }", "relay.authenticated")]
    [InlineData("\"clients\": [ {} ]", "clients[0]")]
    [InlineData("\"clients\": [ { \"network\": \"10.0.0.1\", \"name\": \"a.example\" } ]", "clients[0]")]
    [InlineData("\"clients\": [ { \"network\": \"10.0.0.1/8\" } ]", "clients[0].network")]
    [InlineData("\"clients\": [ { \"name\": \"*\" } ]", "clients[0].name")]
    [InlineData("\"clients\": [ { \"name\": \"a.example\", \"action\": \"drop\" } ]", "clients[0].action")]
    [InlineData("\"clients\": [ 1 ]", "clients[0]")]
    [InlineData("\"clientNames\": 1", "clientNames")]
    [InlineData("\"senders\": { \"rules\": [ { \"action\": \"reject\" } ] }", "senders.rules[0].sender")]
    [InlineData("\"senders\": { \"rules\": [ { \"sender\": \"\" } ] }", "senders.rules[0].sender")]
    [InlineData("\"senders\": { \"block\": [\"@x.example\"] }", "senders.block[0]")]
    [InlineData("\"senders\": { \"blocked\": [] }", "senders.blocked")]
    [InlineData("\"senders\": { \"ownDomainsFromOutside\": \"refuse\" }", "senders.ownDomainsFromOutside")]
    [InlineData("\"senders\": { \"unknownDomains\": true }", "senders.unknownDomains")]
    [InlineData("\"dnsBlocklists\": [ { \"answers\": [] } ]", "dnsBlocklists[0].zone")]
    [InlineData("\"dnsBlocklists\": [ { \"zone\": \"[192.0.2.1]\" } ]", "dnsBlocklists[0].zone")]
    [InlineData("\"dnsBlocklists\": [ { \"zone\": \"a.example\", \"answers\": [\"128.0.0.2\"] } ]", "dnsBlocklists[0].answers[0]")]
    [InlineData("\"dnsBlocklists\": [ { \"zone\": \"a.example\", \"answers\": [\"::ffff:127.0.0.2\"] } ]", "dnsBlocklists[0].answers[0]")]
    [InlineData("\"dnsBlocklists\": [ { \"zone\": \"a.example\", \"action\": \"drop\" } ]", "dnsBlocklists[0].action")]
    [InlineData("\"dnsBlocklists\": [ { \"zone\": \"a.example\" }, { \"zone\": \"A.example\", \"action\": \"log\" } ]", "dnsBlocklists[1].zone")]
    [InlineData("\"senders\": { \"identity\": {} }", "senders.identity")]
    [InlineData("\"senders\": { \"identities\": { \"a\": [\"@x.example\"] } }", "senders.identities[\"a\"][0]")]
    [InlineData("\"senders\": { \"identities\": { \"a\": [\"a@b@c\"] } }", "senders.identities[\"a\"][0]")]
    [InlineData("\"senders\": { \"identities\": { \"a\": [\"*\"] } }", "senders.identities[\"a\"][0]")]
    [InlineData("\"senders\": { \"identities\": { \"a\": \"x.example\" } }", "senders.identities[\"a\"]")]
    [InlineData("\"senders\": { \"identities\": { \"a\\u0001\": [] } }", "senders.identities[\"a\\u0001\"]")]
    [InlineData("\"senders\": { \"identities\": { \"a\": [], \"a\": [] } }", "senders.identities[\"a\"]")]
    public void Mistake_has_an_error_with_its_key(string member, string key)
    {
        var error = Assert.Single(Parse($"{{ {Accepted}, {member} }}").Errors);
        Assert.Equal(key, error.Key);
    }

    [Theory]
    [InlineData("relay.example")]
    [InlineData("a.sub.example")]
    [InlineData(".sub.example")]
    [InlineData(".a.sub.example")]
    [InlineData(".b.example")]
    public void Entry_for_domains_that_are_ours_is_taken(string pattern) =>
        Assert.Empty(Parse($"{{ {Accepted}, \"recipients\": {{ \"{pattern}\": \"callout\" }} }}").Errors);

    [Fact]
    public void Verdict_tells_the_line_of_its_rule_and_the_file()
    {
        var document = Document("{\n\"relay\": {\n\"never\": [\n\"10.66.0.0/16\"] },\n\"senders\": { \"identities\": {\n\"a\": [] } } }");
        var never = Policy.Decisions.PolicySnapshot.Compile(document, 1, "policy.json").Decide(Client("10.66.0.1"), "n@victim.example");
        Assert.Equal(("policy.json:4", "relay.never[\"10.66.0.0/16\"] (policy.json:4)"), (never.Place, never.RuleAndPlace));
        var sender = Policy.Decisions.PolicySnapshot.Compile(document, 1).DecideSender(Client("10.66.0.1", user: "a"), Path("a@b.example"));
        Assert.Equal("senders.identities[\"a\"] (line 6)", sender.RuleAndPlace);
        var nothing = Compile("{}").Decide(Client("10.66.0.1"), "n@victim.example");
        Assert.Equal((null, "default.relay"), (nothing.Place, nothing.RuleAndPlace));
    }
}
