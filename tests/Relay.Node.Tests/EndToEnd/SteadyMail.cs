using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Flood.Sink;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A sink, and clients that send it mail through several nodes all the time: what got a 250 must arrive.</summary>
internal sealed class SteadyMail : IAsyncDisposable
{
    /// <summary>A node that lives answers each mail within this, also on a machine with much else to do.</summary>
    public static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<string, int> _arrived = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _accepted = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task> _senders = [];
    private readonly SmtpSink _sink;

    private SteadyMail() => _sink = SmtpSink.Start(
        new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
        observer: new SinkObserver(message => _arrived.AddOrUpdate(message.Envelope.Recipients[0].Path.LocalPart, 1, static (_, n) => n + 1)));

    /// <summary>Starts the sink.</summary>
    public static SteadyMail Start() => new();

    /// <summary>Where the nodes' policy must lead.</summary>
    public IPEndPoint NextHop => _sink.BoundEndPoint;

    /// <summary>Begins to send through a node that lives all the time: whatever goes wrong there fails the test.</summary>
    public void SendThrough(IPEndPoint node, string name) => _senders.Add(SendAsync(node, name));

    /// <summary>Begins to send through a node that may die and come back.</summary>
    public void TryThrough(Func<IPEndPoint> node, string name) => _senders.Add(TryAsync(node, name));

    /// <summary>Waits until so many more were accepted by a node.</summary>
    public Task MoreAsync(string name, int count = 20)
    {
        var before = CountOf(name);
        return Eventually.TrueAsync(
            () => _senders.Any(static sender => sender.IsFaulted) || CountOf(name) >= before + count, () => $"{name}: {CountOf(name)} after {before}");
    }

    /// <summary>Ends the sending, and waits for what was accepted.</summary>
    public async Task EndAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_senders);
        await Eventually.TrueAsync(
            () => _accepted.Keys.All(_arrived.ContainsKey),
            () => $"lost of {_accepted.Count}: {string.Join(' ', _accepted.Keys.Where(id => !_arrived.ContainsKey(id)).Take(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_senders).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _sink.DisposeAsync();
        _enough.Dispose();
    }

    private int CountOf(string name) => _accepted.Values.Count(sender => sender == name);

    // One connection for all of it: one that is closed fails the test.
    private async Task SendAsync(IPEndPoint node, string name)
    {
        await using var client = await SmtpTestClient.GreetAsync(node);
        using var pace = new PeriodicTimer(Pause);
        for (var n = 0; !_enough.IsCancellationRequested; n++)
        {
            var began = Stopwatch.GetTimestamp();
            (await SendOneAsync(client, name, $"{name}-{n.ToString(CultureInfo.InvariantCulture)}")).MustBe(250);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, AnswerTimeMax);
            await pace.WaitForNextTickAsync();
        }
    }

    private async Task TryAsync(Func<IPEndPoint> node, string name)
    {
        using var pace = new PeriodicTimer(Pause);
        for (var life = 0; !_enough.IsCancellationRequested; life++)
        {
            try
            {
                await using var client = await SmtpTestClient.GreetAsync(node());
                for (var n = 0; !_enough.IsCancellationRequested; n++)
                {
                    await SendOneAsync(client, name, string.Create(CultureInfo.InvariantCulture, $"{name}-{life}-{n}"));
                    await pace.WaitForNextTickAsync();
                }
            }
            catch (Exception e) when (e is IOException or SocketException or EndOfStreamException or TimeoutException or InvalidDataException)
            {
                // InvalidDataException: it has just woken, finds that all it did took very long, and takes no mail for a moment.
                // It died, or fell asleep, in the middle of a sentence: what had no 250 is in doubt, and may arrive or not.
                await pace.WaitForNextTickAsync();
            }
        }
    }

    private async Task<TestReply> SendOneAsync(SmtpTestClient client, string sender, string id)
    {
        var reply = await client.SendMessageAsync("a@b.example", [$"{id}@relay.example"], Encoding.ASCII.GetBytes($"Subject: {id}\r\n\r\nx\r\n"));
        if (reply.Code == 250)
        {
            _accepted[id] = sender;
        }

        return reply;
    }
}
