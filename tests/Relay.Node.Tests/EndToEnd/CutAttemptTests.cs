using System.Collections.Concurrent;
using System.Net.Http.Json;
using Relay.Node.CommandLine.Api;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Attempts that a stop cuts in the middle: what a next hop has taken is known, whatever it still owes an answer for.</summary>
public sealed class CutAttemptTests
{
    private const string Ok = NextHops.Ok;

    /// <summary>Recipients that a next hop has taken, each once for every time.</summary>
    private readonly ConcurrentQueue<string> _taken = new();
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Whom_an_LMTP_server_has_answered_for_is_not_sent_again_after_a_stop()
    {
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, "LMTP", static (recipients, i) => i == recipients.Count - 1));
        await using var node = await StartAsync($"lmtp://{hop.EndPoint}");
        await NextHops.SendAsync(node, "a@d0.example", "b@d0.example", "c@d0.example");
        // It is known at once, and not only when the last reply has come.
        await node.QueuedAsync(static message => message.Recipients.Select(static r => r.State).SequenceEqual(["delivered", "delivered", "active"]));
        await StopAndGoOnAsync(node);
        Assert.Equal(["a", "b", "c"], _taken);
    }

    [Fact]
    public async Task Whom_an_earlier_transaction_was_for_is_not_sent_again_after_a_stop()
    {
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, "ESMTP", static (recipients, _) => recipients.Contains("u100")));
        await using var node = await StartAsync($"smtp://{hop.EndPoint}");
        await NextHops.SendAsync(node, [.. Enumerable.Range(0, 120).Select(static i => $"u{i}@d0.example")]);
        await node.QueuedAsync(static message => message.Recipients.Count(static r => r.State == "delivered") == 100);
        await StopAndGoOnAsync(node);
        Assert.Equal(Enumerable.Range(0, 120).Select(static i => $"u{i}"), _taken);
    }

    [Fact]
    public async Task A_sender_is_not_told_that_mail_failed_which_was_delivered_before_a_stop()
    {
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, "LMTP", static (_, i) => i > 0));
        await using var node = await StartAsync($"lmtp://{hop.EndPoint}");
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            (await client.SendMessageAsync("me@senders.example", ["a@d0.example", "b@d0.example"], NextHops.Content)).MustBe(250);
        }

        await node.QueuedAsync(static message => message.Recipients[0].State == "delivered");
        using var bounced = await node.Api.PostAsJsonAsync("/api/queue/bounce", new { everything = true, reason = "a test" });
        bounced.EnsureSuccessStatusCode();
        await node.RestartAsync();
        var report = await node.QueuedAsync(static message => message.Sender.Length == 0);
        using var content = await node.Api.GetAsync($"/api/queue/{report.Id}");
        var shown = await content.Content.ReadFromJsonAsync<QueuedMessage>();
        Assert.Equal("me@senders.example", Assert.Single(shown!.Recipients).Address);
        Assert.Equal(1, (await node.SummaryAsync(static _ => true)).Messages); // the report alone: nobody waits
        Assert.Equal(["a"], _taken);
    }

    private static Task<RunningNode> StartAsync(string route) =>
        RunningNode.StartAsync(NextHops.Policy("1s", (route, "")), drainTime: TimeSpan.FromMilliseconds(200));

    private async Task StopAndGoOnAsync(RunningNode node)
    {
        await node.StopAsync();
        _goesOn.SetResult();
        await node.RestartAsync();
        await node.EmptyAsync();
    }

    /// <summary>Takes mail; answers at the end of content wait, where they are said to, until the test goes on.</summary>
    /// <param name="peer">The connection.</param>
    /// <param name="protocol">LMTP: one answer for each recipient.</param>
    /// <param name="isLate">Is the answer, of these recipients the one for this place, late?</param>
    private async Task ServeAsync(ScriptedPeer peer, string protocol, Func<List<string>, int, bool> isLate)
    {
        await peer.SendAsync($"220 mx.example {protocol}\r\n");
        await peer.ReadLineAsync();
        await peer.SendAsync("250-mx.example\r\n250 PIPELINING\r\n");
        while (true)
        {
            var recipients = await ReadEnvelopeAsync(peer);
            await peer.ReadBodyAsync();
            for (var i = 0; i < (protocol == "LMTP" ? recipients.Count : 1); i++)
            {
                if (isLate(recipients, i) && !_goesOn.Task.IsCompleted)
                {
                    await peer.ReadLineAsync(); // until the other side closes
                }

                (protocol == "LMTP" ? [recipients[i]] : recipients).ForEach(_taken.Enqueue);
                await peer.SendAsync(Ok + "\r\n");
            }
        }
    }

    private static async Task<List<string>> ReadEnvelopeAsync(ScriptedPeer peer)
    {
        var recipients = new List<string>();
        while (true)
        {
            var line = await peer.ReadLineAsync();
            if (line.StartsWith("RCPT", StringComparison.Ordinal))
            {
                recipients.Add(line["RCPT TO:<".Length..line.IndexOf('@', StringComparison.Ordinal)]);
            }

            await peer.SendAsync(line == "DATA" ? "354 Go\r\n" : Ok + "\r\n");
            if (line == "DATA")
            {
                return recipients;
            }
        }
    }
}
