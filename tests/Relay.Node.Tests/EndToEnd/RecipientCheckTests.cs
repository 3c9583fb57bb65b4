using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Relay.Node.CommandLine;
using Relay.Node.CommandLine.Api;
using Relay.TestKit;
using Relay.TestKit.Dns;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Recipients of accepted domains are known before they are accepted, or refused in the dialogue.</summary>
public sealed class RecipientCheckTests : IDisposable
{
    private const string Ok = "250 2.0.0 Ok";
    private const string Hello = "250 hop.example";

    private readonly string _list = Path.Combine(Directory.CreateTempSubdirectory("relay-list-").FullName, "users.txt");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_list)!, recursive: true);

    [Fact]
    public async Task A_list_knows_who_exists()
    {
        await File.WriteAllTextAsync(_list, "alice@relay.example\n");
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(Policy($"file:{_list}", mail.Sink.BoundEndPoint));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        var refusal = await client.CommandAsync("RCPT TO:<bob@relay.example>");
        Assert.Equal("550 5.1.1 No such recipient here: check the address", refusal.ToString());
        foreach (var recipient in new[] { "Alice@relay.example", "alice+news@relay.example", "postmaster@relay.example", "Postmaster" })
        {
            (await client.CommandAsync($"RCPT TO:<{recipient}>")).MustBe(250);
        }

        (await client.CommandAsync("RCPT TO:<anyone@open.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync("Subject: x\r\n\r\nx\r\n.\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        var recipients = (await mail.NextAsync()).Envelope.Recipients.Select(recipient => recipient.Path.Text).ToArray();
        Assert.Contains("Alice@relay.example", recipients);
        Assert.DoesNotContain("bob@relay.example", recipients);
    }

    [Fact]
    public async Task An_explanation_asks_the_list_and_connects_to_nobody()
    {
        await File.WriteAllTextAsync(_list, "alice@relay.example\n");
        await using var hop = ScriptedServer.Start(_ => Task.CompletedTask);
        await using (var node = await RunningNode.StartAsync(Policy($"file:{_list}", hop.EndPoint)))
        {
            Assert.Equal("accept", (await ExplainAsync(node, "alice")).Action);
            var unknown = await ExplainAsync(node, "bob");
            Assert.Equal(("550 5.1.1 No such recipient here: check the address", null), (unknown.Reply, unknown.Condition));
            Assert.EndsWith(".json:3", unknown.Place, StringComparison.Ordinal);
        }

        await using (var node = await RunningNode.StartAsync(Policy("callout", hop.EndPoint)))
        {
            var asked = await ExplainAsync(node, "bob");
            Assert.Equal(("accept", "if the next hop knows the recipient"), (asked.Action, asked.Condition));
        }

        Assert.Equal(0, hop.Connections);
    }

    [Fact]
    public async Task A_node_does_not_start_on_a_list_that_is_broken()
    {
        await File.WriteAllTextAsync(_list, "alice@relay.example\nbob bob\n");
        var e = await Assert.ThrowsAsync<CommandException>(() => RunningNode.StartAsync(Policy($"file:{_list}", new IPEndPoint(IPAddress.Loopback, 25))));
        Assert.Contains($"{_list}:2: \"bob bob\" is not a recipient", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_recipients_are_errors_of_the_client()
    {
        await File.WriteAllTextAsync(_list, "alice\n");
        await using var node = await RunningNode.StartAsync(Policy($"file:{_list}", new IPEndPoint(IPAddress.Loopback, 25)));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        for (var i = 0; i < 20; i++)
        {
            (await client.CommandAsync($"RCPT TO:<u{i}@relay.example>")).MustBe(550);
        }

        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(421);
    }

    [Fact]
    public async Task The_next_hop_knows_who_exists_and_nothing_is_queued_for_others()
    {
        var lines = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, lines));
        await using var node = await RunningNode.StartAsync(Policy("callout", hop.EndPoint));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<never@relay.example>")).MustBe(550);
        (await client.CommandAsync("RCPT TO:<postmaster@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<ok@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<later@relay.example>")).MustBe(451);
        (await client.CommandAsync("RCPT TO:<ok@relay.example>")).MustBe(250);
        Assert.DoesNotContain("RCPT TO:<postmaster@relay.example>", lines);
        Assert.Equal(1, lines.Count(line => line == "RCPT TO:<ok@relay.example>"));
        Assert.All(lines.Where(line => line.StartsWith("MAIL", StringComparison.Ordinal)), line => Assert.Equal("MAIL FROM:<>", line));
        Assert.Equal(0, (await node.SummaryAsync(_ => true)).Messages);
    }

    [Theory]
    [InlineData("defer", 451)]
    [InlineData("accept", 250)]
    public async Task Trouble_is_what_the_policy_says(string trouble, int code)
    {
        await using var hop = ScriptedServer.Start(peer => peer.SendAsync("554 5.7.1 Go away\r\n"));
        await using var node = await RunningNode.StartAsync(Policy("callout", hop.EndPoint, trouble));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<alice@relay.example>")).MustBe(code);
        Assert.Equal(1, hop.Connections);
    }

    [Fact]
    public async Task A_slow_next_hop_holds_up_nobody_else()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync(Hello, Ok);
            await peer.ReadLineAsync();
            await goOn.Task;
            await peer.SendAsync("550 5.1.1 No such user\r\n");
        });
        await using var node = await RunningNode.StartAsync(Policy("callout", hop.EndPoint));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        await client.SendLineAsync("RCPT TO:<alice@relay.example>");
        await Eventually.TrueAsync(() => hop.Connections > 0);

        await using var other = await SmtpTestClient.GreetAsync(node.Smtp);
        (await other.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await other.CommandAsync("RCPT TO:<anyone@open.example>")).MustBe(250);
        goOn.SetResult();
        (await client.ReadReplyAsync()).MustBe(550);
    }

    [Fact]
    public async Task A_question_never_reaches_a_network_that_mail_may_not_go_to()
    {
        await using var hop = ScriptedServer.Start(peer => TellAsync(peer, []));
        await using var dns = StubNameServer.Start();
        dns.Mx("relay.example", "10 mail.relay.example").Addresses("mail.relay.example", "127.0.0.1");
        const string Policy = """{ "acceptedDomains": ["relay.example"], "recipients": { "relay.example": "callout" }NETWORKS }""";
        await using (var node = await RunningNode.StartAsync(Policy.Replace("NETWORKS", "", StringComparison.Ordinal), dns.EndPoint, hop.EndPoint.Port))
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<ok@relay.example>")).MustBe(451);
            Assert.Equal(0, hop.Connections);
        }

        const string Networks = ", \"delivery\": { \"nextHopNetworks\": [\"127.0.0.0/8\"] }";
        await using (var node = await RunningNode.StartAsync(Policy.Replace("NETWORKS", Networks, StringComparison.Ordinal), dns.EndPoint, hop.EndPoint.Port))
        {
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<ok@relay.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<never@relay.example>")).MustBe(550);
        }
    }

    private static async Task<ExplainAnswer> ExplainAsync(RunningNode node, string user) => (await node.Api.GetFromJsonAsync<ExplainAnswer>(
        $"/api/policy/explain?client=192.0.2.7&from=a@b.example&to={user}@relay.example"))!;

    private static string Policy(string check, IPEndPoint hop, string trouble = "defer") =>
        $$"""
        {
          "acceptedDomains": ["relay.example", "open.example"],
          "recipients": { "relay.example": "{{check}}" },
          "calloutTrouble": "{{trouble}}",
          "routes": [ { "domain": "*", "to": "smtp://{{hop}}" } ]
        }
        """;

    private static async Task TellAsync(ScriptedPeer peer, ConcurrentQueue<string> lines)
    {
        await peer.AnswerAsync(Hello);
        while (true)
        {
            var line = await peer.ReadLineAsync();
            lines.Enqueue(line);
            await peer.SendAsync(
                !line.StartsWith("RCPT", StringComparison.Ordinal) || line.StartsWith("RCPT TO:<ok", StringComparison.Ordinal) ? Ok + "\r\n"
                : line.StartsWith("RCPT TO:<later", StringComparison.Ordinal) ? "450 4.2.0 Later\r\n"
                : "550 5.1.1 No such user\r\n");
        }
    }
}
