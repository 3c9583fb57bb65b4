using Relay.Policy.Decisions;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class PostmasterTests
{
    [Theory]
    [InlineData("""{ "acceptedDomains": ["relay.example", "b.example"] }""", "postmaster@relay.example")]
    [InlineData("""{ "acceptedDomains": [".relay.example", "b.example"] }""", "postmaster@b.example")]
    [InlineData("""{ "acceptedDomains": ["relay.example"], "postmaster": "Admin@b.example" }""", "Admin@b.example")]
    [InlineData("""{ "postmaster": "admin@elsewhere.example" }""", "admin@elsewhere.example")]
    public void Bare_postmaster_goes_to_the_policys_postmaster(string json, string expected)
    {
        var policy = Compile(json);
        var verdict = policy.Decide(Client("203.0.113.9"), "POSTMASTER");
        Assert.Equal((VerdictAction.Accept, "postmaster"), (verdict.Action, verdict.Rule));
        Assert.Equal(expected, policy.ResolveRecipient(Path("POSTMASTER")).Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "acceptedDomains": [".relay.example"] }""")]
    [InlineData("""{ "relay": { "networks": ["203.0.113.9"] } }""")]
    public void Bare_postmaster_is_refused_when_there_is_nobody_to_send_it_to(string json)
    {
        var policy = Compile(json);
        var verdict = policy.Decide(Client("203.0.113.9"), "postmaster");
        Assert.Equal((VerdictAction.Refuse, "default.postmaster"), (verdict.Action, verdict.Rule));
        Assert.Equal((550, "5.1.1"), (verdict.Reply!.Code, verdict.Reply.Status.ToString()));
        Assert.Equal(Path("postmaster"), policy.ResolveRecipient(Path("postmaster")));
    }

    [Theory]
    [InlineData("u@relay.example")]
    [InlineData("Postmaster@RELAY.example")]
    [InlineData("postmaster@victim.example")]
    [InlineData("\"a@b\"@relay.example")]
    public void Every_other_recipient_is_itself(string recipient)
    {
        var path = Path(recipient);
        Assert.Same(path, Compile("""{ "acceptedDomains": ["relay.example"], "postmaster": "a@b.example" }""").ResolveRecipient(path));
    }

    [Fact]
    public void Postmaster_of_a_strange_domain_is_a_stranger() =>
        Assert.Equal(
            "default.relay",
            Compile("""{ "postmaster": "admin@elsewhere.example" }""").Decide(Client("203.0.113.9"), "admin@elsewhere.example").Rule);
}
