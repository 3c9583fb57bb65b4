using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Listeners;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Clients that keep being refused are cut off, and nobody else is.</summary>
public sealed class PenaltyTests
{
    private static readonly IPAddress Flooder = IPAddress.Parse("127.0.0.9");
    private static readonly IPAddress Neighbour = IPAddress.Parse("127.0.0.8");

    private const string Policy =
        """
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "networks": ["127.0.0.1"] },
          "penalty": { "refusals": 5, "per": "1h", "for": "1h" }
        }
        """;

    [Fact]
    public async Task A_client_that_keeps_being_refused_is_turned_away_and_its_neighbour_is_not()
    {
        await using var node = await RunningNode.StartAsync(Policy);
        await using var client = await RefusedAsync(node, Flooder, 4);
        await using (var stillIn = await SmtpTestClient.GreetAsync(node.Smtp, from: Flooder))
        {
            (await stillIn.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await stillIn.CommandAsync("RSET")).MustBe(250);
        }

        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        await using var turnedAway = await SmtpTestClient.ConnectAsync(node.Smtp, Flooder);
        Assert.Equal("4.7.0 Too many refusals (penalty), try again later", (await turnedAway.ReadReplyAsync()).MustBe(421).Text);
        Assert.Empty(await turnedAway.ReadToEndAsync());

        // What is open is ended at its next mail.
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(421);
        Assert.Empty(await client.ReadToEndAsync());

        await using var neighbour = await SmtpTestClient.GreetAsync(node.Smtp, from: Neighbour);
        (await neighbour.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);

        var explained = await node.Api.GetFromJsonAsync<ExplainAnswer>(
            $"/api/policy/explain?client={Flooder}&from=a@b.example&to=u@relay.example");
        Assert.Equal(("refuse", "penalty"), (explained!.Action, explained.Rule));
        Assert.Contains("the last that counted: recipient", Assert.Single(explained.Steps).Finding, StringComparison.Ordinal);
        Assert.Equal(1, node.Services.GetRequiredService<MailHost>().Services.Penalties.Penalised);
    }

    [Fact]
    public async Task Clients_of_relay_networks_are_never_cut_off()
    {
        await using var node = await RunningNode.StartAsync(Policy);
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Loopback))
        {
            for (var i = 0; i < 10; i++)
            {
                (await client.CommandAsync("NONSENSE")).MustBe(500);
            }
        }

        await using var again = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Loopback);
        (await again.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
    }

    /// <summary>The rows of the table in docs/policy.md that a conversation's end is in.</summary>
    [Fact]
    public async Task Conversations_that_are_ended_count_as_the_table_says()
    {
        await using var node = await RunningNode.StartAsync(
            """
            {
              "acceptedDomains": ["relay.example"],
              "limits": [ { "name": "client", "key": "client", "unit": "messages", "rate": "1/h" } ],
              "penalty": { "refusals": 30, "per": "1h", "for": "1h" }
            }
            """,
            new ConnectionTimes { Tarpit = TimeSpan.Zero });
        var penalties = node.Services.GetRequiredService<MailHost>().Services.Penalties;

        // Twenty recipients and the end of it: 30.
        var harvester = IPAddress.Parse("127.0.0.11");
        await ThrownOutAsync(node, harvester, "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<n@victim.example>\r\n", 21, "421 4.7.0 Too many errors\r\n");
        Assert.True(penalties.Holds(harvester));

        var idler = IPAddress.Parse("127.0.0.12");
        await ThrownOutAsync(node, idler, "", "NOOP\r\n", 101, "421 4.7.0 Too many commands without mail\r\n");
        await ThrownOutAsync(node, idler, "", "NOOP\r\n", 101, "421 4.7.0 Too many commands without mail\r\n");
        Assert.False(penalties.Holds(idler));
        await ThrownOutAsync(node, idler, "", "NOOP\r\n", 101, "421 4.7.0 Too many commands without mail\r\n");
        Assert.True(penalties.Holds(idler));

        // Whoever is over a limit comes again because it was told so.
        var sender = IPAddress.Parse("127.0.0.13");
        for (var i = 0; i < 4; i++)
        {
            await ThrownOutAsync(node, sender, "", "MAIL FROM:<a@b.example>\r\nRSET\r\n", 60, "421 4.7.0 Too many mails that are refused for now, try again later\r\n");
        }

        Assert.False(penalties.Holds(sender));
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.example>\r\n", "RCPT TO:<n@victim.example>\r\n", 21, "421 4.7.0 Too many errors\r\n")]
    [InlineData("", "MAIL FROM:<a@b.example>\r\nRSET\r\n", 12, "221 2.0.0 Bye\r\n")]
    public async Task What_comes_in_one_write_is_answered_no_sooner_the_end_included(string first, string then, int times, string last)
    {
        var wait = TimeSpan.FromSeconds(1);
        await using var node = await RunningNode.StartAsync(
            """{ "acceptedDomains": ["relay.example"], "limits": [ { "name": "client", "key": "client", "unit": "messages", "rate": "1/h" } ] }""",
            new ConnectionTimes { TarpitErrors = 5, TarpitDeferrals = 10, Tarpit = wait, TarpitMax = wait });
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: Flooder);
        var clock = Stopwatch.StartNew();
        await client.SendAsync(first + string.Concat(Enumerable.Repeat(then, times)) + "QUIT\r\n");
        await client.ReadReplyAsync();
        Assert.True(clock.Elapsed > wait * 0.9, $"answered after {clock.Elapsed}");
        Assert.EndsWith(last, await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static async Task ThrownOutAsync(RunningNode node, IPAddress from, string first, string then, int times, string last)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from);
        await client.SendAsync(first + string.Concat(Enumerable.Repeat(then, times)));
        Assert.EndsWith(last, await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static async Task<SmtpTestClient> RefusedAsync(RunningNode node, IPAddress from, int refusals)
    {
        var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        for (var i = 0; i < refusals; i++)
        {
            (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        }

        return client;
    }
}
