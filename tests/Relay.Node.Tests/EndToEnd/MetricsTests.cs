using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Meters are the process's own, so these tests run while no other node does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Collection(Name)]
public sealed class MetricsTests
{
    private const string Name = "metrics";

    [Fact]
    public async Task Every_series_of_the_contract_is_there_from_the_start_and_counts()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ]
            }
            """);
        var start = await node.Api.GetStringAsync("/metrics");
        foreach (var series in new[]
        {
            "relay_messages_accepted_total", "relay_recipients_delivered_total", "relay_queue_messages", "relay_sessions",
            "relay_pressure_level", """relay_recipients_refused_total{reason="relaying"}""",
        })
        {
            Assert.Contains($"\n{series} 0\n", start, StringComparison.Ordinal);
        }

        Assert.Contains("\nrelay_policy_version 1\n", start, StringComparison.Ordinal);
        Assert.Matches(@"\nrelay_spool_bytes [1-9]\d*\n", start);

        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        await mail.NextAsync();

        var end = await node.Api.GetStringAsync("/metrics");
        Assert.Contains("\nrelay_messages_accepted_total 1\n", end, StringComparison.Ordinal);
        Assert.Contains("\nrelay_sessions 1\n", end, StringComparison.Ordinal);
        Assert.Contains("\nrelay_recipients_refused_total{reason=\"relaying\"} 1\n", end, StringComparison.Ordinal);
    }
}
