using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Relay.Flood.Sink;
using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>Three nodes in processes of their own and HAProxy, as deploy/local-cluster.sh starts them, with a sink for their mail.</summary>
public sealed class LocalCluster : IAsyncLifetime, IDisposable
{
    /// <summary>Clients that may relay: 127.0.0.1, which is also where programs come from that cannot choose, and 127.0.0.41 to 127.0.0.44.</summary>
    public static readonly IReadOnlyList<IPAddress> Friends =
        [IPAddress.Loopback, IPAddress.Parse("127.0.0.41"), IPAddress.Parse("127.0.0.42"), IPAddress.Parse("127.0.0.43"), IPAddress.Parse("127.0.0.44")];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly ServerFolder _folder = new("local-cluster");
    private readonly ConcurrentQueue<SinkMessage> _arrived = new();
    private readonly ConcurrentDictionary<string, int> _times = new(StringComparer.Ordinal);
    private readonly string _api = FreePort.Next().ToString(CultureInfo.InvariantCulture);
    private readonly string _cluster = FreePort.Next().ToString(CultureInfo.InvariantCulture);
    private readonly int _smtp = FreePort.Next();
    private SmtpSink? _sink;

    /// <summary>Where clients go.</summary>
    public IPEndPoint Balancer { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>Where HAProxy goes.</summary>
    public IReadOnlyList<IPEndPoint> Nodes => [.. Enumerable.Range(11, 3).Select(last => new IPEndPoint(IPAddress.Parse($"127.0.0.{last}"), _smtp))];

    /// <summary>All that has arrived, with content.</summary>
    public IEnumerable<SinkMessage> Arrived => _arrived;

    /// <summary>What the script said when it started the nodes.</summary>
    public (int ExitCode, string Output) Start { get; private set; }

    /// <summary>How often mail to a local part has arrived.</summary>
    public int TimesOf(string recipient) => _times.GetValueOrDefault(recipient);

    /// <summary>Waits until mail to a local part has arrived, and gives the message.</summary>
    public async Task<SinkMessage> ArrivesAsync(string recipient)
    {
        await UntilAsync(() => TimesOf(recipient) > 0, recipient);
        return _arrived.First(message => message.Envelope.Recipients[0].Path.LocalPart == recipient);
    }

    /// <summary>Waits for something that is about to be.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        // What is waited for is in other processes, which need the machine.
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"waited for {what}");
            await look.WaitForNextTickAsync();
        }
    }

    /// <summary>Runs the script on this cluster.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(string command) => ForeignProgram.RunAsync(
        "bash",
        Path.Combine(RepositoryFolder.Path, "deploy", "local-cluster.sh"), command, "--state", _folder["state"], "--policy", _folder["policy.json"],
        "--relay", Path.Combine(AppContext.BaseDirectory, "relay.dll"), "--port", Balancer.Port.ToString(CultureInfo.InvariantCulture),
        "--smtp-port", _smtp.ToString(CultureInfo.InvariantCulture), "--api-port", _api, "--cluster-port", _cluster);

    /// <summary>The process of a node, or of <c>haproxy</c>.</summary>
    public int ProcessOf(string name) =>
        int.Parse(File.ReadAllText(Path.Combine(_folder["state"], name, "pid")).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>What a node, or <c>haproxy</c>, has written.</summary>
    public string LogOf(string name)
    {
        using var file = new FileStream(Path.Combine(_folder["state"], name, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    public async Task InitializeAsync()
    {
        if (ForeignProgram.Find("haproxy") is null)
        {
            return; // its tests are skipped, or say so
        }

        _sink = SmtpSink.Start(
            new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            observer: new SinkObserver(Keep, WithContent: true));
        await _folder.WriteAsync("policy.json", $$"""
            {
              "acceptedDomains": ["relay.example"],
              "relay": { "networks": ["127.0.0.1", "127.0.0.2", "127.0.0.41", "127.0.0.42", "127.0.0.43", "127.0.0.44"] },
              "connections": { "perClient": 2 },
              "routes": [ { "domain": "*", "to": "smtp://{{_sink.BoundEndPoint}}" } ],
              "delivery": { "retry": "1s" }
            }
            """);
        Start = await RunAsync("up");
    }

    public async Task DisposeAsync()
    {
        if (_sink is not null)
        {
            await RunAsync("down");
            await _sink.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Keep(SinkMessage message)
    {
        _arrived.Enqueue(message);
        _times.AddOrUpdate(message.Envelope.Recipients[0].Path.LocalPart, 1, static (_, count) => count + 1);
    }
}
