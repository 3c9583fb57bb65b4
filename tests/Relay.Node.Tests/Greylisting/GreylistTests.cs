using System.Net;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Policies;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Greylisting;

/// <summary>Strangers come again, on whichever node, and are taken then.</summary>
[Collection(GuardedTrio.Name)]
public sealed class GreylistTests(GuardedTrio trio)
{
    private static readonly IPAddress Stranger = IPAddress.Parse("127.0.9.9");

    [Fact]
    public async Task A_stranger_is_told_to_come_again_by_one_node_and_taken_by_another()
    {
        foreach (var node in trio.All)
        {
            await WaitsAsync(node, "early@b.example");
        }

        await WaitsAsync(trio[0], "a@b.example");
        await WaitsAsync(trio[0], "later@b.example");
        var began = TimeProvider.System.GetTimestamp();
        // Not before its time, when a memory that could not be asked let it pass.
        await Eventually.TrueAsync(async () =>
            (await NameAsync(trio[0], "later@b.example")).Code == 250 && TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(2));

        // The others have never seen it; one that nobody knows waits there, so that they do ask.
        foreach (var other in trio.All.Skip(1))
        {
            await WaitsAsync(other, $"new-{Guid.NewGuid():N}@b.example");
            (await NameAsync(other, "a@b.example")).MustBe(250);
        }

        (await NameAsync(trio[2], "other@b.example", IPAddress.Loopback)).MustBe(250);
    }

    [Fact]
    public async Task Mail_of_the_null_sender_waits_at_its_content()
    {
        var node = trio[0];
        await WaitsAsync(node, "null@b.example");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Stranger);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        Assert.StartsWith("4.7.1 Greylisted", (await client.CommandAsync("DATA")).MustBe(451).Text, StringComparison.Ordinal);

        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<postmaster@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
    }

    // A node that has just started, or is too busy to ask in time, lets it pass.
    private static Task WaitsAsync(RunningNode node, string sender) =>
        Eventually.TrueAsync(async () => (await NameAsync(node, sender)).Code == 451);

    private static async Task<TestReply> NameAsync(RunningNode node, string sender, IPAddress? from = null)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from ?? Stranger);
        (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
        return await client.CommandAsync("RCPT TO:<u@relay.example>");
    }
}
