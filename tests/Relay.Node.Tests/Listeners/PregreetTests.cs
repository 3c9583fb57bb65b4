using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.Composition;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Listeners;

/// <summary>Strangers who speak before they are greeted are refused, and nobody else is.</summary>
public sealed class PregreetTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task Whoever_does_not_wait_is_refused_and_cut_off_in_the_end()
    {
        await using var node = await RunningNode.StartAsync(
            """
            {
              "acceptedDomains": ["relay.example"], "relay": { "networks": ["127.0.0.1"] },
              "connections": { "pregreetWait": "1s" }, "penalty": { "refusals": 20, "per": "1h", "for": "1h" }
            }
            """);
        await using var patient = await SmtpTestClient.ConnectAsync(node.Smtp, IPAddress.Parse("127.0.0.8"));
        await using var trusted = await SmtpTestClient.ConnectAsync(node.Smtp, IPAddress.Loopback);
        await trusted.SendLineAsync("EHLO client.example");
        (await trusted.ReadReplyAsync()).MustBe(220);
        (await trusted.ReadReplyAsync()).MustBe(250);

        await RefusedAsync(node);
        var penalties = node.Services.GetRequiredService<MailHost>().Services.Penalties;
        Assert.False(penalties.Holds(Stranger));
        await RefusedAsync(node);
        Assert.True(penalties.Holds(Stranger));

        (await patient.ReadReplyAsync()).MustBe(220);
        (await patient.CommandAsync("EHLO client.example")).MustBe(250);
    }

    [Fact]
    public async Task A_node_that_drains_does_not_wait()
    {
        var node = await RunningNode.StartAsync("""{ "acceptedDomains": ["relay.example"], "connections": { "pregreetWait": "30s" } }""");
        await using var client = await SmtpTestClient.ConnectAsync(node.Smtp, Stranger);
        await Eventually.TrueAsync(() => node.Services.GetRequiredService<MailHost>().Services.Gate.Total == 1);
        var began = Stopwatch.GetTimestamp();
        await node.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(25)); // it gives 30 s to mails that are on
        Assert.Contains("421 4.3.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(RunningNode node)
    {
        await using var client = await SmtpTestClient.ConnectAsync(node.Smtp, Stranger);
        await client.SendLineAsync("EHLO client.example");
        Assert.Equal("5.5.1 Protocol error: wait for the greeting before you speak", (await client.ReadReplyAsync()).MustBe(521).Text);
        Assert.Empty(await client.ReadToEndAsync());
    }
}
