using System.Text;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Mail from outside whose From header claims an address of ours.</summary>
public sealed class HeaderFromTests
{
    private static readonly byte[] Spoofed = "From: =?utf-8?q?boss=40relay.example?= <a@b.example>\r\nSubject: x\r\n\r\nx\r\n"u8.ToArray();
    private static readonly byte[] Honest = "From: a@b.example\r\nSubject: x\r\n\r\nFrom: boss@relay.example\r\n"u8.ToArray();

    [Fact]
    public async Task Mail_that_claims_to_be_ours_is_refused_where_policy_says_so_and_nothing_of_it_leaves()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(Policy(mail, "requireAuthentication"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var refused = (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Spoofed)).MustBe(550);
        Assert.StartsWith("5.7.1 The From field ", refused.Text, StringComparison.Ordinal);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Honest)).MustBe(250);
        Assert.EndsWith(Encoding.ASCII.GetString(Honest), Encoding.ASCII.GetString(ReceivedMail.Split(await mail.NextAsync()).Original), StringComparison.Ordinal);
        (await client.SendMessageAsync("a@b.example", ["postmaster@relay.example"], Spoofed)).MustBe(250);
        _ = await mail.NextAsync();
    }

    [Fact]
    public async Task Mail_that_claims_to_be_ours_is_taken_by_default()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(Policy(mail, "accept"));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("boss@relay.example", ["u@relay.example"], Spoofed)).MustBe(250);
        _ = await mail.NextAsync();
    }

    private static string Policy(ReceivedMail mail, string action) => $$"""
        {
          "acceptedDomains": ["relay.example"],
          "senders": { "ownDomainsFromOutside": "{{action}}" },
          "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ]
        }
        """;
}
