using System.Net;
using Relay.Policy.Findings;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Greylisting;

public sealed class GreylistDecisionTests
{
    private const string Policy = """
        {
          "acceptedDomains": ["relay.example"], "relay": { "networks": ["10.0.0.0/8"], "authenticated": true },
          "clients": [ { "network": "198.51.100.0/24", "action": "accept" } ],
          "dnsAllowlists": [ { "zone": "good.example" } ],
          "greylisting": { "delay": "5m" }
        }
        """;

    private static readonly MailFindings Listed = new()
    {
        Lists = [new DnsListFinding(Domain("good.example"), [IPAddress.Parse("127.0.0.2")])],
    };

    [Theory]
    [InlineData("192.0.2.7", null, "u@relay.example", true)]
    [InlineData("192.0.2.7", null, "Postmaster@relay.example", false)]
    [InlineData("192.0.2.7", null, "abuse@relay.example", false)]
    [InlineData("192.0.2.7", null, "postmaster", false)]
    [InlineData("192.0.2.7", "alice", "u@relay.example", false)]
    [InlineData("10.1.2.3", null, "u@relay.example", false)]
    [InlineData("198.51.100.9", null, "u@relay.example", false)]
    public void Only_strangers_wait(string client, string? user, string recipient, bool waits)
    {
        var policy = Compile(Policy);
        var path = Path(recipient);
        var facts = Client(client, user: user);
        Assert.Equal(waits, policy.Greylists(facts, path, MailFindings.None));
        Assert.False(policy.Greylists(facts, path, Listed));
        Assert.False(Compile("""{ "acceptedDomains": ["relay.example"] }""").Greylists(facts, path, MailFindings.None));
    }

    [Fact]
    public void Allowlists_are_asked_though_there_are_no_blocklists()
    {
        var asked = Compile(Policy).InquiryFor(Client("192.0.2.7"), Path("a@b.example"));
        Assert.Equal(["good.example"], asked.Lists.Select(static zone => zone.Name));
    }

    [Theory]
    [InlineData(90, "90 seconds")]
    [InlineData(91, "2 minutes")]
    [InlineData(300, "5 minutes")]
    public void The_reply_says_how_long_to_wait(int seconds, string wait)
    {
        var verdict = Compile(Policy).GreylistedFor(TimeSpan.FromSeconds(seconds));
        Assert.Equal($"451 4.7.1 Greylisted: you are not known here yet, try again in {wait}", verdict.Reply!.ToString());
        Assert.Equal("greylisting.delay", verdict.Rule);
    }

    [Fact]
    public void An_explanation_says_who_has_to_come_again()
    {
        var policy = Compile(Policy);
        Assert.Contains(policy.Explain(Client("192.0.2.7"), Path("a@b.example"), Path("u@relay.example")).Steps, static step => step.Key == "greylisting");
        Assert.DoesNotContain(policy.Explain(Client("10.1.2.3"), Path("a@b.example"), Path("u@relay.example")).Steps, static step => step.Key == "greylisting");
    }

    [Theory]
    [InlineData("""{ "retryWindow": "1d" }""", "greylisting")]
    [InlineData("""{ "delay": "5m", "retryWindow": "5m" }""", "greylisting.retryWindow")]
    public void Rules_that_do_nothing_or_too_much_are_warned_of(string greylisting, string key)
    {
        var warnings = Parse($$"""{ "acceptedDomains": ["relay.example"], "greylisting": {{greylisting}} }""").Warnings;
        Assert.Contains(warnings, warning => warning.Key == key);
    }
}
