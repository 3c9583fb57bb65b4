using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.Composition;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Policies;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Penalties;

/// <summary>What a client does on any node counts on all of them.</summary>
[Collection(GuardedTrio.Name)]
public sealed class ReputationClusterTests(GuardedTrio trio)
{
    private static readonly IPAddress Flooder = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task Refusals_on_two_nodes_add_up_and_a_third_turns_the_client_away()
    {
        await RefuseAsync(trio[0], 3);
        await RefuseAsync(trio[1], 3);
        await Eventually.TrueAsync(() => trio.All.All(static node => node.Services.GetRequiredService<MailHost>().Services.Penalties.Holds(Flooder)));
        await using var turnedAway = await SmtpTestClient.ConnectAsync(trio[2].Smtp, Flooder);
        (await turnedAway.ReadReplyAsync()).MustBe(421);
    }

    [Fact]
    public async Task A_node_that_was_away_learns_of_a_penalty_that_began_meanwhile()
    {
        var flooder = IPAddress.Parse("127.0.0.8");
        await RefuseAsync(trio[0], 6, flooder);
        await trio.RestartAsync(1);
        await Eventually.TrueAsync(() => trio[1].Services.GetRequiredService<MailHost>().Services.Penalties.Holds(flooder));
        await using var turnedAway = await SmtpTestClient.ConnectAsync(trio[1].Smtp, flooder);
        (await turnedAway.ReadReplyAsync()).MustBe(421);
    }

    private static async Task RefuseAsync(RunningNode node, int refusals, IPAddress? from = null)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: from ?? Flooder);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        for (var i = 0; i < refusals; i++)
        {
            (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        }
    }
}
