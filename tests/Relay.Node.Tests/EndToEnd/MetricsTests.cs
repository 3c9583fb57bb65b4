using System.Globalization;
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
              "connections": { "perClient": 1 },
              "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ]
            }
            """);
        var start = await node.Api.GetStringAsync("/metrics");
        foreach (var series in new[]
        {
            "relay_messages_accepted_total", "relay_recipients_delivered_total", "relay_queue_messages", "relay_sessions",
            "relay_pressure_level", """relay_recipients_refused_total{reason="relaying"}""",
            """relay_connections_refused_total{limit="connections.total"}""",
            """relay_connections_refused_total{limit="connections.perClient"}""",
            """relay_connections_refused_total{limit="connections.perNetwork"}""",
            """relay_connections_refused_total{limit="connections.ratePerClient"}""",
        })
        {
            Assert.Equal(0, Value(start, series));
        }

        Assert.Equal(1, Value(start, "relay_policy_version"));
        Assert.InRange(Value(start, "relay_spool_bytes"), 1, long.MaxValue);

        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        (await client.CommandAsync("RCPT TO:<two@at@relay.example>")).MustBe(501);
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        await mail.NextAsync();
        await using var second = await SmtpTestClient.ConnectAsync(node.Smtp);
        (await second.ReadReplyAsync()).MustBe(421);

        var end = await node.Api.GetStringAsync("/metrics");
        Assert.Equal(1, Value(end, "relay_messages_accepted_total"));
        Assert.Equal(1, Value(end, "relay_sessions"));
        Assert.Equal(1, Value(end, """relay_connections_refused_total{limit="connections.perClient"}"""));
        Assert.Equal(1, Value(end, """relay_recipients_refused_total{reason="relaying"}"""));
        Assert.Equal(1, Value(end, """relay_recipients_refused_total{reason="syntax"}"""));
    }

    // A series without labels may be written with empty braces.
    private static long Value(string metrics, string series)
    {
        foreach (var line in metrics.Split('\n'))
        {
            var words = line.Split(' ');
            if (words.Length == 2 && words[0].Replace("{}", string.Empty, StringComparison.Ordinal) == series)
            {
                return long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }

        throw new KeyNotFoundException($"{series} is not in: {metrics}");
    }
}
