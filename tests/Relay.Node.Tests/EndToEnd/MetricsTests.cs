using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Relay.Actors.Bounces;
using Relay.Flood.Sink;
using Relay.Node.CommandLine.Api;
using Relay.TestKit;
using Relay.TestKit.Dns;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class MetricsTests
{
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
            "relay_spool_live_bytes", "relay_pressure_level", "relay_destination_failures_total", "relay_lookup_failures_total", "relay_queue_held_messages", "relay_queue_reports_waiting",
            """relay_destinations{state="active"}""", """relay_destinations{state="parked"}""", """relay_destinations{state="paused"}""",
            """relay_recipients_refused_total{reason="relaying"}""",
            """relay_recipients_refused_total{reason="client"}""",
            """relay_recipients_refused_total{reason="sender"}""",
            """relay_recipients_refused_total{reason="list"}""",
            """relay_dns_inquiry_trouble_total{question="clientName"}""",
            """relay_pressure_signal_level{signal="spool"}""",
            """relay_intake_refusals_total{reason="share"}""", """relay_intake_refusals_total{reason="congestion"}""", "relay_intake_held_bytes", "relay_intake_senders",
            """relay_dns_inquiry_trouble_total{question="senderDomain"}""",
            """relay_connections_refused_total{limit="connections.total"}""",
            """relay_connections_refused_total{limit="connections.perClient"}""",
            """relay_connections_refused_total{limit="connections.perNetwork"}""",
            """relay_connections_refused_total{limit="connections.ratePerClient"}""",
            """relay_connections_refused_total{limit="penalty"}""",
            """relay_log_lines_lost_total{log="stdout"}""",
            "relay_penalised_clients", "relay_penalty_clients", "relay_penalty_untracked_total", """relay_penalties_total{last="thrown-out"}""",
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

    [Fact]
    public async Task A_node_counts_itself_alone_also_beside_another_one_of_the_process()
    {
        await using var mail = ReceivedMail.Start();
        await using var other = await RunningNode.StartAsync(mail.Sink);
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var client = await SmtpTestClient.GreetAsync(other.Smtp);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        await mail.NextAsync();

        var others = await other.Api.GetStringAsync("/metrics");
        Assert.Equal((1, 1), (Value(others, "relay_messages_accepted_total"), Value(others, "relay_sessions")));
        var own = await node.Api.GetStringAsync("/metrics");
        Assert.Equal((0, 0), (Value(own, "relay_messages_accepted_total"), Value(own, "relay_sessions")));
    }

    [Fact]
    public async Task What_DNS_says_of_clients_and_senders_is_counted()
    {
        await using var dns = StubNameServer.Start();
        dns.Addresses("2.0.0.127.list.example", "127.0.0.2").Addresses("9.0.0.127.list.example", "127.0.0.2")
            .Set("10.0.0.127.list.example", DnsType.Any, DnsReply.Code(2)).Set("sick.example", DnsType.Any, DnsReply.Code(2)).Mx("b.example", "10 mx.example");
        await using var node = await RunningNode.StartAsync(
            """
            {
              "acceptedDomains": ["relay.example"],
              "dnsBlocklists": [ { "zone": "list.example", "answers": ["127.0.0.2"], "action": "reject" } ],
              "senders": { "unknownDomains": "reject" }
            }
            """,
            dns.EndPoint,
            25);
        var start = await node.Api.GetStringAsync("/metrics");
        Assert.Equal(0, Value(start, """relay_dns_list_hits_total{zone="list.example"}"""));
        Assert.Equal(0, Value(start, """relay_dns_list_trouble_total{zone="list.example"}"""));
        await RefuseAsync("127.0.0.9", "a@b.example", 550);
        await RefuseAsync("127.0.0.10", "a@sick.example", 451);
        var end = await node.Api.GetStringAsync("/metrics");
        foreach (var series in new[]
        {
            """relay_dns_list_hits_total{zone="list.example"}""", """relay_dns_list_trouble_total{zone="list.example"}""",
            """relay_dns_inquiry_trouble_total{question="senderDomain"}""",
            """relay_recipients_refused_total{reason="list"}""", """relay_recipients_refused_total{reason="sender"}""",
        })
        {
            Assert.Equal((series, 1L), (series, Value(end, series)));
        }

        async Task RefuseAsync(string from, string sender, int code)
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Parse(from));
            (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(code);
        }
    }

    [Fact]
    public async Task Logins_are_counted_by_result_and_mechanism()
    {
        await using var node = await SubmissionNode.StartAsync();
        await using var client = await node.EncryptedAsync(SubmissionNode.Submission);
        (await client.CommandAsync($"AUTH PLAIN {Convert.ToBase64String("\0alice\0wrong"u8)}")).MustBe(535);
        (await client.CommandAsync($"AUTH PLAIN {Convert.ToBase64String("\0alice\0secret"u8)}")).MustBe(235);
        var metrics = await node.Node.Api.GetStringAsync("/metrics");
        foreach (var (result, mechanism, count) in new[]
        {
            ("succeeded", "PLAIN", 1), ("failed", "PLAIN", 1), ("limited", "LOGIN", 0), ("unavailable", "SCRAM-SHA-256", 0), ("failed", "EXTERNAL", 0),
        })
        {
            Assert.Equal(count, Value(metrics, $$"""relay_auth_total{mechanism="{{mechanism}}",result="{{result}}"}"""));
        }
    }

    [Fact]
    public async Task An_outage_a_pause_and_a_hold_are_seen()
    {
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, FreePort.Next()), "1h"));
        await SendAsync(node, "u@one.example");
        await node.QueuedAsync(static message => message.State == "deferred");
        await AssertDestinationsAsync(node, active: 0, parked: 1, paused: 0);
        Assert.Equal(1, Value(await node.Api.GetStringAsync("/metrics"), "relay_destination_failures_total"));
        Assert.Equal(0, Value(await node.Api.GetStringAsync("/metrics"), "relay_recipients_deferred_total")); // nothing was attempted

        (await node.Api.PostAsJsonAsync("/api/destinations/pause", new { name = "one.example", duration = "1h", reason = "x" })).EnsureSuccessStatusCode();
        await AssertDestinationsAsync(node, active: 0, parked: 0, paused: 1);
        (await node.Api.PostAsJsonAsync("/api/queue/hold", new { everything = true, reason = "x" })).EnsureSuccessStatusCode();
        Assert.Equal(1, Value(await node.Api.GetStringAsync("/metrics"), "relay_queue_held_messages"));
        (await node.Api.PostAsJsonAsync("/api/destinations/resume", new { name = "one.example" })).EnsureSuccessStatusCode();
        await AssertDestinationsAsync(node, active: 1, parked: 0, paused: 0);
        await node.RestartAsync();
        Assert.Equal(1, Value(await node.Api.GetStringAsync("/metrics"), "relay_queue_held_messages"));
        (await node.Api.PostAsJsonAsync("/api/queue/delete", new { everything = true, reason = "x" })).EnsureSuccessStatusCode();
        Assert.Equal(0, Value(await node.Api.GetStringAsync("/metrics"), "relay_queue_held_messages"));
    }

    [Fact]
    public async Task Name_servers_that_do_not_answer_are_seen()
    {
        await using var node = await RunningNode.StartAsync(
            """{ "relay": { "networks": ["127.0.0.0/8"] } }""", dns: new IPEndPoint(IPAddress.Loopback, FreePort.Next()), port: FreePort.Next());
        await SendAsync(node, "u@one.example");
        await node.QueuedAsync(static message => message.Recipients[0].LastReply is not null);
        Assert.Equal(1, Value(await node.Api.GetStringAsync("/metrics"), "relay_lookup_failures_total"));
    }

    [Fact]
    public async Task Reports_over_their_limit_are_seen()
    {
        const int Waiting = 10; // the limit grows by one a minute, and a slow machine takes a while for all this
        var burst = new BounceLimits().SenderBurst;
        await using var senders = ReceivedMail.Start();
        Assert.True(SinkFault.TryParse("RCPT=550 5.1.1 No such user here", out var fault, out _));
        await using var refusing = ReceivedMail.Start(new SinkSettings { Faults = [fault] });
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ { "domain": "bad.example", "to": "smtp://{{refusing.Sink.BoundEndPoint}}" }, { "domain": "*", "to": "smtp://{{senders.Sink.BoundEndPoint}}" } ]
            }
            """);
        for (var i = 0; i < burst + Waiting; i++)
        {
            await SendAsync(node, $"u{i}@bad.example");
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        long waiting;
        SummaryAnswer summary;
        do
        {
            // A report goes as its limit grows, also between these two looks, and the metrics may be a moment behind: they agree in the end.
            patience.Token.ThrowIfCancellationRequested();
            waiting = Value(await node.Api.GetStringAsync("/metrics", patience.Token), "relay_queue_reports_waiting");
            summary = await node.SummaryAsync(summary => summary.States.GetValueOrDefault("bouncing") == summary.Messages && senders.Sink.Counters.Messages >= burst);
            Assert.InRange(summary.Messages, 1, Waiting);
        }
        while (waiting != summary.Messages);
    }

    private static async Task SendAsync(RunningNode node, string recipient)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("me@senders.example", [recipient], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
    }

    private static async Task AssertDestinationsAsync(RunningNode node, long active, long parked, long paused)
    {
        var metrics = await node.Api.GetStringAsync("/metrics");
        Assert.Equal(
            (active, parked, paused),
            (Value(metrics, """relay_destinations{state="active"}"""), Value(metrics, """relay_destinations{state="parked"}"""), Value(metrics, """relay_destinations{state="paused"}""")));
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
