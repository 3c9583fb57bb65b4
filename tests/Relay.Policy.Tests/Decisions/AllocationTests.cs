using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

public sealed class AllocationTests
{
    private const int Rounds = 1_000;
    private const int TriesMax = 5;

    [Fact]
    public void Deciding_allocates_nothing()
    {
        var policy = Compile("""
            {
              "acceptedDomains": ["relay.example", ".relay.example"],
              "relay": { "networks": ["10.0.0.0/8", "2001:db8::/32"], "listeners": ["internal"], "never": ["10.66.0.0/16"] },
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
            _ = policy.IsRelayNetwork(client.Address);
            _ = policy.MayConnectTo(client.Address);
            foreach (var recipient in recipients)
            {
                _ = policy.DecideRecipient(client, recipients[0], recipient);
                var resolved = policy.ResolveRecipient(recipient);
                _ = policy.FindRoute(resolved.Domain!);
            }
        }
    }
}
