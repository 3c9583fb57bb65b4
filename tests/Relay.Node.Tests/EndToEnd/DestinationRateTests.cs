using System.Diagnostics;
using System.Globalization;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A next hop that is not to get more than so many messages in a time.</summary>
public sealed class DestinationRateTests
{
    private const int Burst = 5;
    private const int Messages = 12;

    [Fact]
    public async Task Mail_leaves_as_slowly_as_the_route_says_and_nothing_is_deferred_for_it()
    {
        await using var slow = ReceivedMail.Start();
        await using var free = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "relay": { "networks": ["127.0.0.0/8"] },
              "routes": [ { "domain": "slow.example", "to": "smtp://{{slow.Sink.BoundEndPoint}}", "rate": "300/min" },
                          { "domain": "*", "to": "smtp://{{free.Sink.BoundEndPoint}}" } ]
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Messages; i++)
        {
            string[] recipients = [string.Create(CultureInfo.InvariantCulture, $"u{i}@slow.example"), "u@free.example"];
            (await client.SendMessageAsync("a@b.example", recipients, "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        }

        for (var i = 0; i < Messages; i++)
        {
            await free.NextAsync();
        }

        for (var i = 0; i < Messages; i++)
        {
            await slow.NextAsync();
            // Five a second, and five at once at the beginning.
            Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds((i + 1 - Burst) / 5.0), $"message {i} came too early");
        }

        await node.EmptyAsync();
        var metrics = await node.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("relay_recipients_deferred_total{} 0\n", metrics, StringComparison.Ordinal);
    }
}
