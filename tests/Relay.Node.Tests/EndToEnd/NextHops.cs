using Relay.Node.CommandLine.Api;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Policies with a route to each of some servers, and a look at what became of the mail.</summary>
internal static class NextHops
{
    public const string Ok = "250 2.0.0 Ok";

    public static readonly byte[] Content = "Subject: x\r\n\r\n.x\r\n"u8.ToArray();

    /// <summary>A policy whose domains d0.example, d1.example, … have these routes; a deferred message is tried again after a second.</summary>
    /// <param name="retry">The wait after a failed attempt.</param>
    /// <param name="routes">Of each the target, and what else the route says.</param>
    public static string Policy(string retry, params (string To, string More)[] routes)
    {
        var entries = routes.Select((route, i) => $$"""{ "domain": "d{{i}}.example", "to": "{{route.To}}"{{route.More}} }""");
        return $$"""{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ {{string.Join(", ", entries)}} ], "delivery": { "retry": "{{retry}}" } }""";
    }

    /// <summary>Sends one message of the null sender: whoever fails is not reported to anybody, and stays to be seen.</summary>
    public static async Task SendAsync(RunningNode node, params string[] recipients)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("", recipients, Content)).MustBe(250);
    }

    /// <summary>Waits until an address was tried, and tells what became of it.</summary>
    public static async Task<QueuedRecipient> TriedAsync(RunningNode node, string address)
    {
        var message = await node.QueuedAsync(message => message.Recipients.Any(r => r.Address == address && r.State != "active" && r.LastReply != null));
        return message.Recipients.Single(r => r.Address == address);
    }
}
