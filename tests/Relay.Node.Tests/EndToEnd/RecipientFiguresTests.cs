using System.Diagnostics;
using System.Net;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What checks of recipients leave to be seen in a node's figures.</summary>
public sealed class RecipientFiguresTests
{
    private const string Ok = "250 2.0.0 Ok";
    private const string Hello = "250 hop.example";

    [Fact]
    public async Task Checks_and_refusals_are_counted()
    {
        var folder = Directory.CreateTempSubdirectory("relay-list-");
        var list = Path.Combine(folder.FullName, "users.txt");
        await File.WriteAllTextAsync(list, "alice\n");
        await using (var node = await RunningNode.StartAsync(Policy($"file:{list}", new IPEndPoint(IPAddress.Loopback, 25))))
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<alice@relay.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<alice+tag@relay.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<bob@relay.example>")).MustBe(550);
            (await client.CommandAsync("RCPT TO:<postmaster@relay.example>")).MustBe(250);
            var metrics = await node.Api.GetStringAsync("/metrics");
            Assert.Contains("relay_recipients_refused_total{reason=\"unknown\"} 1", metrics, StringComparison.Ordinal);
            Assert.Contains("relay_recipient_checks_total{result=\"known\"} 2", metrics, StringComparison.Ordinal);
            Assert.Contains("relay_recipient_checks_total{result=\"unknown\"} 1", metrics, StringComparison.Ordinal);
            Assert.Contains("relay_recipient_checks_total{result=\"trouble\"} 0", metrics, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_client_that_leaves_while_its_recipient_is_asked_for_leaves_nothing_behind()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync(Hello, Ok);
            await peer.ReadLineAsync();
            await goOn.Task;
            await peer.SendAsync(Ok + "\r\n");
            await peer.ReadLineAsync();
            await peer.SendAsync("221 2.0.0 Bye\r\n");
        });
        await using var node = await RunningNode.StartAsync(Policy("callout", hop.EndPoint));
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            await client.SendLineAsync("RCPT TO:<alice@relay.example>");
            await Eventually.TrueAsync(() => hop.Connections > 0);

            client.Abort();
        }

        goOn.SetResult();
        var patience = Stopwatch.StartNew();
        string metrics;
        do
        {
            metrics = (await node.Api.GetStringAsync("/metrics")).Replace("{}", "", StringComparison.Ordinal);
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), metrics);
        }
        while (!metrics.Contains("relay_sessions 0", StringComparison.Ordinal) || !metrics.Contains("relay_outbound_connections 0", StringComparison.Ordinal));

        Assert.True(metrics.Contains("relay_recipient_checks_total{result=\"known\"} 1", StringComparison.Ordinal), metrics);
    }

    private static string Policy(string check, IPEndPoint hop) =>
        $$"""
        {
          "acceptedDomains": ["relay.example"],
          "recipients": { "relay.example": "{{check}}" },
          "routes": [ { "domain": "*", "to": "smtp://{{hop}}" } ]
        }
        """;
}
