using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
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
