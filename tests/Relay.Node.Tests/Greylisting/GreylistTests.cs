using System.Globalization;
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
        await PassesAsync(trio[0], "later@b.example", atOnce: false);

        // The other node has never seen it.
        await PassesAsync(trio[1], "a@b.example", atOnce: true);
        (await NameAsync(trio[2], "a@b.example")).MustBe(250);
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

    // Whoever passes because nobody could be asked in time is not counted as one that came again, and is asked once more; the memory, whose answer was
    // late, may know it then.
    private static Task PassesAsync(RunningNode node, string sender, bool atOnce) => Eventually.TrueAsync(async () =>
    {
        var passed = await CountPassedAsync(node);
        var reply = await NameAsync(node, sender);
        Assert.True(reply.Code == 250 || !atOnce, reply.Text);
        return reply.Code == 250 && await CountPassedAsync(node) == passed + 1;
    });

    private static async Task<long> CountPassedAsync(RunningNode node) => await CountAsync(node, "passed") + await CountAsync(node, "known");

    // The nodes are of one process, and each shows the series of all.
    private static async Task<long> CountAsync(RunningNode node, string result)
    {
        var series = $"relay_greylist_total{{result=\"{result}\"}} ";
        var lines = (await node.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');
        return lines.Where(line => line.StartsWith(series, StringComparison.Ordinal)).Sum(line => long.Parse(line.AsSpan(series.Length), CultureInfo.InvariantCulture));
    }

    private static async Task<TestReply> NameAsync(RunningNode node, string sender, IPAddress? from = null)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from ?? Stranger);
        (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
        return await client.CommandAsync("RCPT TO:<u@relay.example>");
    }
}
