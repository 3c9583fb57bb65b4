using System.Net;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class AllocationTests
{
    private const int Rounds = 1_000;
    private const int TriesMax = 5;

    private static readonly MailFindings Found = new()
    {
        ClientName = new HostNameFinding(HostNameState.Proven, Domain("a.dynamic.example")),
        SenderDomain = SenderDomainFinding.Unknown,
        Lists = [new DnsListFinding(Domain("zen.example"), [IPAddress.Parse("127.0.0.2")])],
    };

    [Fact]
    public void Deciding_allocates_nothing()
    {
        var policy = Compile("""
            {
              "acceptedDomains": ["relay.example", ".relay.example"],
              "relay": { "networks": ["10.0.0.0/8", "2001:db8::/32"], "listeners": ["internal"], "never": ["10.66.0.0/16"] },
              "clients": [ { "network": "192.0.2.0/24", "action": "reject" }, { "name": ".dynamic.example", "action": "reject" } ],
              "senders": {
                "rules": [ { "sender": ".good.example" } ], "block": ["bad@user.example", "spam.example"],
                "unknownDomains": "reject", "ownDomainsFromOutside": "requireAuthentication",
                "identities": { "alice": ["u@relay.example"] } },
              "dnsBlocklists": [ { "zone": "zen.example" }, { "zone": "log.example", "action": "log" } ],
              "recipients": { "relay.example": "callout" },
              "routes": [ { "domain": ".relay.example", "to": "smtp://mail.internal" } ]
            }
            """);
        ClientFacts[] clients = [Client("10.0.0.1"), Client("::ffff:10.66.0.1"), Client("2001:db8::1"), Client("203.0.113.9", "internal")];
        string[] texts = ["u@relay.example", "u@c.b.a.relay.example", "n@victim.example", "postmaster", "n@[127.0.0.1]"];
        var recipients = Array.ConvertAll(texts, Path);
        Assert.Equal(0, LeastAllocated(() => Decide(policy, clients, recipients)));
    }

    /// <summary>The least of some measurements: the runtime allocates too, when it compiles a method again.</summary>
    private static long LeastAllocated(Action decide)
    {
        var least = long.MaxValue;
        for (var tries = 0; tries < TriesMax && least > 0; tries++)
        {
            decide();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
            {
                decide();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Decide(PolicySnapshot policy, ClientFacts[] clients, MailPath[] recipients)
    {
        foreach (var client in clients)
        {
            _ = policy.DecideClient(client);
            _ = policy.DecideSender(client, recipients[0]);
            _ = policy.InquiryFor(client, recipients[0]);
            _ = policy.MarksOf(client, Found);
            _ = policy.AsksForHeaderFrom(client, Found);
            _ = policy.IsRelayNetwork(client.Address);
            _ = policy.MayConnectTo(client.Address);
            foreach (var recipient in recipients)
            {
                _ = policy.DecideRecipient(client, recipients[0], recipient);
                _ = policy.DecideRecipient(client, recipient, recipients[0], Found);
                if (policy.CheckFor(recipient) is { } check)
                {
                    _ = policy.DecideFinding(check, RecipientFinding.Unknown);
                }

                var resolved = policy.ResolveRecipient(recipient);
                _ = policy.FindRoute(resolved.Domain!);
            }
        }
    }
}
