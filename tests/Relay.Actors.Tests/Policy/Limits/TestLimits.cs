using System.Net;
using System.Text;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Tests.Policy.Limits;

/// <summary>Policies with limits, and claims on them.</summary>
internal static class TestLimits
{
    public static readonly IPAddress Client = IPAddress.Parse("192.0.2.7");

    /// <summary>A policy with these limits, as a document has them.</summary>
    public static PolicySnapshot Policy(string limits, string fallback = "localShare")
    {
        var json = $$"""{ "limits": [ {{limits}} ], "onLimitUnavailable": "{{fallback}}" }""";
        var result = PolicyParser.Parse(Encoding.UTF8.GetBytes(json));
        return PolicySnapshot.Compile(result.Document ?? throw new ArgumentException(result.Errors[0].Message), version: 1);
    }

    /// <summary>What a mail takes.</summary>
    public static IReadOnlyList<LimitClaim> Claims(PolicySnapshot policy, IPAddress? client = null, string sender = "a@b.example", long? size = null) =>
        policy.RateLimits.ForMail(
            new ClientFacts(client ?? Client, "public", null),
            MailPath.TryParse(sender, out var path) ? path : throw new ArgumentException(sender),
            size);
}
