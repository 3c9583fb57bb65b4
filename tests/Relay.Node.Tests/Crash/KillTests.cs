using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Flood.Sink;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

/// <summary>kill -9 in the middle of a load, and the ledgers of both ends compared. bench/soak.sh does the same a hundred times.</summary>
public sealed class KillTests
{
    private const int Kills = 3;
    private const int Senders = 20;
    private const int AcceptedBetweenKills = 200;

    // What may arrive twice after a kill: a message on each delivery connection, and what was delivered and removed within the last
    // unsynced batch (50 ms at the most). The bound is generous for a slow machine; it is there so that "everything again" is seen.
    private const int DuplicatesMax = Kills * 400;

    [Fact]
    public async Task Every_message_that_got_a_250_arrives_whatever_is_killed_when()
    {
        var arrived = new ConcurrentDictionary<string, int>();
        await using var sink = SmtpSink.Start(
            new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            observer: new SinkObserver(message => arrived.AddOrUpdate(message.Envelope.Recipients[0].Path.LocalPart, 1, (_, n) => n + 1)));
        var folder = Directory.CreateTempSubdirectory("relay-kill-").FullName;
        var policy = Path.Combine(folder, "policy.json");
        await File.WriteAllTextAsync(policy, RunningNode.PolicyTo(sink.BoundEndPoint));
        string[] arguments =
        [
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={policy}", "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0", $"--Listeners:0:Address=127.0.0.1:{FreePort.Next()}",
        ];
        var accepted = new ConcurrentDictionary<string, bool>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var relay = await RelayProcess.StartAsync(arguments);
            using var gone = new CancellationTokenSource();
            var before = accepted.Count;
            var senders = Enumerable.Range(0, Senders).Select(i => SendAsync(relay.Smtp, $"k{kill}-{i}", accepted, gone.Token)).ToArray();
            while (accepted.Count < before + AcceptedBetweenKills)
            {
                Assert.False(Array.TrueForAll(senders, sender => sender.IsCompleted), relay.Output);
                await Eventually.NextLookAsync();
            }

            await relay.KillAsync();
            await gone.CancelAsync();
            await Task.WhenAll(senders);
        }

        await using (var last = await RelayProcess.StartAsync(arguments))
        {
            await Eventually.TrueAsync(
                () => accepted.Keys.All(arrived.ContainsKey),
                () => string.Join(' ', accepted.Keys.Where(id => !arrived.ContainsKey(id)).Take(20)) + last.Output,
                seconds: 120);

            Assert.Equal(0, await last.TerminateAsync());
        }

        Assert.InRange(arrived.Values.Sum(count => count - 1), 0, DuplicatesMax);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task SendAsync(IPEndPoint relay, string name, ConcurrentDictionary<string, bool> accepted, CancellationToken gone)
    {
        try
        {
            await using var client = await SmtpTestClient.GreetAsync(relay);
            for (var n = 0; !gone.IsCancellationRequested; n++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
                var content = Encoding.ASCII.GetBytes($"Subject: {id}\r\n\r\n{new string('x', n % 50 == 0 ? 900 : 70)}\r\n");
                var reply = await client.SendMessageAsync("a@b.example", [$"{id}@relay.example"], content);
                if (reply.Code == 250)
                {
                    accepted.TryAdd(id, true);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException)
        {
            // Killed in the middle of a sentence: what had no 250 is in doubt, and may arrive or not.
        }
    }
}
