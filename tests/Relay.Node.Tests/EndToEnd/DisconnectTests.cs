using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>
/// A next hop that leaves, lies or babbles at every point of the dialogue, in the clear and under TLS, by DATA and by BDAT. What was not
/// answered with 250 comes again and is taken then; what was is never sent again; nobody gets what became of another.
/// </summary>
public sealed class DisconnectTests : IDisposable
{
    private const string Ok = NextHops.Ok;

    private readonly TestCertificates _certificates = new();
    private readonly X509Certificate2 _certificate;

    public DisconnectTests() => _certificate = _certificates.For("127.0.0.1");

    /// <summary>Which kind of server, and how many of its replies it says before it misbehaves.</summary>
    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var server in new[] { "DATA", "BDAT", "TLS" })
            {
                foreach (var fault in new[] { "close", "reset", "half", "malformed", "endless-line", "endless-lines" })
                {
                    all.Add(server, fault);
                }
            }

            return all;
        }
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Whatever_happens_at_any_point_nothing_is_lost_or_mixed_up(string kind, string fault)
    {
        // One server a point: it misbehaves there on its first connection, and takes the mail on the next.
        var taken = new ConcurrentQueue<string>();
        var servers = Enumerable.Range(0, Replies(kind) + 1).Select(point => Misbehave(kind, fault, point, taken)).ToArray();
        await using var node = await RunningNode.StartAsync(NextHops.Policy(
            "1s", [.. servers.Select(server => ($"smtp://{server.EndPoint}", kind == "TLS" ? ", \"tls\": \"encrypt\"" : ", \"tls\": \"none\""))]));
        for (var point = 0; point < servers.Length; point++)
        {
            await NextHops.SendAsync(node, $"yes@d{point}.example", $"no@d{point}.example");
        }

        for (var point = 0; point < servers.Length; point++)
        {
            var domain = $"@d{point}.example";
            var message = await node.QueuedAsync(message => message.Recipients.All(r =>
                r.Address.EndsWith(domain, StringComparison.Ordinal) && r.State == (r.Address.StartsWith("no", StringComparison.Ordinal) ? "failed" : "delivered")));
            Assert.Equal("550 5.1.1 No", message.Recipients.Single(r => r.Address == "no" + domain).LastReply);
            // By a reply that was never finished the mail may have been taken, and comes twice; by a whole one never.
            var isOpen = point == Replies(kind) - 1;
            Assert.Equal(isOpen ? 2 : 1, taken.Count(by => by == $"{point}"));
        }

        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Replies of a whole dialogue, greeting included, up to the one that takes the mail.</summary>
    private static int Replies(string kind) => kind switch
    {
        "DATA" => 7,
        "BDAT" => 6,
        _ => 9,
    };

    private ScriptedServer Misbehave(string kind, string fault, int point, ConcurrentQueue<string> taken)
    {
        var connections = 0;
        return ScriptedServer.Start(async peer =>
        {
            var left = Interlocked.Increment(ref connections) == 1 ? point : int.MaxValue;
            await SayAsync("220 hop.example");
            await peer.ReadLineAsync();
            if (kind == "TLS")
            {
                await SayAsync("250-hop.example\r\n250 STARTTLS");
                await peer.ReadLineAsync();
                await SayAsync("220 Go");
                await peer.StartTlsAsync(_certificate);
                await peer.ReadLineAsync();
            }

            await SayAsync(kind == "BDAT" ? "250-hop.example\r\n250 CHUNKING" : "250 hop.example");
            var hasTaken = false;
            while (true)
            {
                var line = await peer.ReadLineAsync();
                if (line is "DATA" || line.StartsWith("BDAT", StringComparison.Ordinal))
                {
                    if (line is "DATA")
                    {
                        await SayAsync("354 Go");
                        await peer.ReadBodyAsync();
                    }
                    else
                    {
                        await peer.ReadOctetsAsync(int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
                    }

                    taken.Enqueue($"{point}");
                    hasTaken = true;
                }

                await SayAsync(line.Contains("<no@", StringComparison.Ordinal) ? "550 5.1.1 No" : Ok);
                if (hasTaken)
                {
                    // Behind the 250 it may do what it likes.
                    await MisbehaveAsync(left == 0, fault, peer, Ok);
                }
            }

            async Task SayAsync(string reply)
            {
                await MisbehaveAsync(left-- == 0, fault, peer, reply);
                await peer.SendAsync(reply + "\r\n");
            }
        });
    }

    private static async Task MisbehaveAsync(bool now, string fault, ScriptedPeer peer, string reply)
    {
        if (!now)
        {
            return;
        }

        switch (fault)
        {
            case "reset":
                peer.Reset();
                break;
            case "half":
                await peer.SendAsync(reply[..^2]);
                break;
            case "malformed":
                await peer.SendAsync("2x0 what\r\n");
                break;
            case "endless-line":
                await peer.SendAsync(reply + new string('x', 1 << 20));
                break;
            case "endless-lines":
                await peer.SendAsync(string.Concat(Enumerable.Repeat($"{reply[..3]}-and so on\r\n", 10_000)));
                break;
        }

        throw new EndOfStreamException("The script ends here.");
    }
}
