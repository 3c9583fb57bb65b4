using System.Net.Http.Json;
using Relay.Flood.Sink;
using Relay.Node.CommandLine.Api;
using Relay.Smtp.Replies;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A user whose recipients fail is held until an operator lets it go.</summary>
public sealed class BreakerTests
{
    private const string Policy = """
        {
          "acceptedDomains": ["relay.example"], "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:9" } ],
          "breaker": { "failures": 3, "percent": 50, "per": "1h" }
        }
        """;

    private static readonly string Login = $"AUTH PLAIN {Convert.ToBase64String("\0alice\0secret"u8)}";

    private static readonly byte[] Mail = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task A_user_whose_recipients_are_refused_is_held_with_its_queue_until_it_is_released()
    {
        await using var started = await SubmissionNode.StartAsync(Policy);
        await using (var client = await LoginAsync(started))
        {
            (await client.SendMessageAsync("alice@relay.example", ["u@relay.example"], Mail)).MustBe(250);
            await using var other = await LoginAsync(started);
            await BeginAsync(other);
            await BeginAsync(client);
            await RefuseAsync(client, 3);
            (await client.CommandAsync("RSET")).MustBe(250);
            Assert.Equal("4.7.1 Account held (breaker), ask the administrator", (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(450).Text);
            await EndAsync(other);
        }

        // What it had in the queue, and what came by a mail that had begun.
        var held = Assert.Single((await AccountsAsync(started)).Accounts);
        Assert.Equal(("alice", "3 of 4 recipients failed"), (held.Name, held.Reason));
        await Eventually.TrueAsync(async () => (await started.Node.Api.GetFromJsonAsync<QueueAnswer>("/api/queue?user=alice&state=held"))!.Total == 2);
        Assert.Equal("breaker: 3 of 4 recipients failed", (await started.Node.QueuedAsync(static message => message.State == "held")).HoldReason);

        await started.Node.RestartAsync();
        await using var again = await LoginAsync(started);
        (await again.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(450);
        var explained = (await started.Node.Api.GetFromJsonAsync<ExplainAnswer>(
            "/api/policy/explain?client=192.0.2.7&listener=submission&user=alice&from=alice@relay.example&to=u@relay.example"))!;
        Assert.Equal(("defer", "breaker"), (explained.Action, explained.Rule));
        using var released = await started.Node.Api.PostAsync(new Uri("/api/accounts/alice/release", UriKind.Relative), content: null);
        released.EnsureSuccessStatusCode();
        (await again.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        Assert.Empty((await AccountsAsync(started)).Accounts);
    }

    [Fact]
    public async Task A_user_whose_recipients_fail_at_the_next_hop_is_held()
    {
        await using var refusing = ReceivedMail.Start(new SinkSettings
        {
            Faults = [new SinkFault(SinkPlace.Rcpt, new SmtpReply(550, new(5, 1, 1), "No such user"))],
        });
        await using var started = await SubmissionNode.StartAsync(Policy.Replace("127.0.0.1:9", $"{refusing.Sink.BoundEndPoint}", StringComparison.Ordinal));
        await using var client = await LoginAsync(started);
        (await client.SendMessageAsync("alice@relay.example", ["a@relay.example", "b@relay.example", "c@relay.example"], Mail)).MustBe(250);

        await Eventually.TrueAsync(async () => (await AccountsAsync(started)).Accounts.Count == 1);
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(450);
    }

    [Theory]
    [InlineData(SinkPlace.Mail)]
    [InlineData(SinkPlace.Rcpt)]
    public async Task A_next_hop_that_blocks_our_address_holds_nobody(SinkPlace place)
    {
        await using var blocking = ReceivedMail.Start(new SinkSettings { Faults = [new SinkFault(place, new SmtpReply(550, new(5, 7, 1), "Your address is blocked"))] });
        await using var started = await SubmissionNode.StartAsync(Policy.Replace("127.0.0.1:9", $"{blocking.Sink.BoundEndPoint}", StringComparison.Ordinal));
        await using var client = await LoginAsync(started);
        (await client.SendMessageAsync("alice@relay.example", ["a@relay.example", "b@relay.example", "c@relay.example"], Mail)).MustBe(250);
        await started.Node.SummaryAsync(static summary => summary.States.GetValueOrDefault("failed") == 1); // the report of it, at the latest

        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        await RelayDeniedAsync(client, 3);
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        Assert.Empty((await AccountsAsync(started)).Accounts);
    }

    private static async Task<AccountsAnswer> AccountsAsync(SubmissionNode started) =>
        (await started.Node.Api.GetFromJsonAsync<AccountsAnswer>("/api/accounts"))!;

    private static async Task<SmtpTestClient> LoginAsync(SubmissionNode started)
    {
        var client = await started.EncryptedAsync(SubmissionNode.Submission);
        (await client.CommandAsync(Login)).MustBe(235);
        return client;
    }

    private static async Task RefuseAsync(SmtpTestClient client, int recipients)
    {
        for (var i = 0; i < recipients; i++)
        {
            (await client.CommandAsync($"RCPT TO:<u..{i}@relay.example>")).MustBe(501);
        }
    }

    private static async Task RelayDeniedAsync(SmtpTestClient client, int recipients)
    {
        for (var i = 0; i < recipients; i++)
        {
            (await client.CommandAsync($"RCPT TO:<u{i}@victim.example>")).MustBe(550);
        }
    }

    private static async Task BeginAsync(SmtpTestClient client)
    {
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
    }

    private static async Task EndAsync(SmtpTestClient client)
    {
        (await client.CommandAsync("RCPT TO:<v@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        (await client.CommandAsync("Subject: x\r\n\r\nx\r\n.")).MustBe(250);
    }
}
