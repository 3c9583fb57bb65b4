using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Relay.Node.Tests.Crash;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>Three processes of one cluster under one limit, each with a folder of its own, and HAProxy in front of them.</summary>
internal sealed partial class LimitedNodes : IAsyncDisposable
{
    private const string BalancerAddress = "127.0.0.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-limits-").FullName;
    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private readonly int[] _ports = [.. Enumerable.Range(0, 3).Select(static _ => FreePort.Next())];
    private readonly int[] _balancedPorts = [.. Enumerable.Range(0, 3).Select(static _ => FreePort.Next())];
    private readonly RelayProcess?[] _nodes = new RelayProcess?[3];
    private readonly HttpClient _http = new();
    private readonly string _limit;
    private readonly string? _hocon;
    private ForeignProgram? _haproxy;
    private int _strangers;

    private LimitedNodes(string limit, string? hocon)
    {
        _limit = limit;
        _hocon = hocon;
    }

    /// <summary>Starts them, and waits until they are one cluster whose budgets answer and have settled.</summary>
    /// <param name="limit">The limit, as the policy has it.</param>
    /// <param name="hocon">What <c>cluster.hocon</c> says; null for the one beside the program.</param>
    public static async Task<LimitedNodes> StartAsync(string limit, string? hocon)
    {
        var nodes = new LimitedNodes(limit, hocon);
        await Task.WhenAll(nodes.StartAsync(0), nodes.StartAsync(1), nodes.StartAsync(2));
        await nodes.StartBalancerAsync();
        await nodes.SettledAsync(0, 1, 2);
        return nodes;
    }

    /// <summary>Where clients go.</summary>
    public IPEndPoint Balancer { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>Starts a node, again too.</summary>
    public async Task StartAsync(int node)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{node}"))).FullName;
        if (_hocon is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "cluster.hocon"), _hocon);
        }

        await File.WriteAllTextAsync(
            Path.Combine(folder, "policy.json"),
            $$"""{ "acceptedDomains": ["relay.example"], "relay": { "networks": ["127.0.0.0/8"] }, "limits": [ {{_limit}} ] }""");
        var settings = Path.Combine(folder, "relay.json");
        await File.WriteAllTextAsync(settings, string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {
              "Node": { "Name": "n{{node}}", "HostName": "n{{node}}.relay.example", "DataDirectory": "data" },
              "Listeners": [
                { "Name": "balanced", "Address": "127.0.0.1:{{_balancedPorts[node]}}", "ProxyProtocol": { "Trusted": ["{{BalancerAddress}}"] } },
                { "Name": "direct", "Address": "127.0.0.1:{{_ports[node]}}" }
              ],
              "Admin": { "Address": "127.0.0.1:0" },
              "Cluster": { "Address": "{{_seeds[node]}}", "Seeds": ["{{_seeds[0]}}", "{{_seeds[1]}}", "{{_seeds[2]}}"] },
              "Spool": { "QuotaBytes": "256 MiB" },
              "PolicyFile": "policy.json"
            }
            """));
        _nodes[node] = await RelayProcess.StartAsync("run", "--config", settings);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(int node)
    {
        var process = _nodes[node]!;
        _nodes[node] = null;
        await process.KillAsync();
        await process.DisposeAsync();
    }

    /// <summary>Waits until these nodes have all shards in equal parts, and their budgets answer.</summary>
    public Task SettledAsync(params int[] nodes) => Eventually.TrueAsync(
        async () =>
        {
            var shards = await Task.WhenAll(nodes.Select(node => FigureAsync(node, "relay_limit_shards")));
            var least = 60 / nodes.Length;
            return shards.Sum() == 60 && shards.All(count => count >= least - 2) && (await Task.WhenAll(nodes.Select(AnswersAsync))).All(static answers => answers);
        },
        seconds: 120);

    /// <summary>How many budgets live on each node.</summary>
    public Task<long[]> BudgetsAsync() => Task.WhenAll(Enumerable.Range(0, 3).Select(node => FigureAsync(node, "relay_limit_budgets")));

    /// <summary>The node on which a budget lives that came since these were counted.</summary>
    public async Task<int> HomeAsync(long[] before)
    {
        var more = (await BudgetsAsync()).Select((count, node) => count - before[node]).ToArray();
        return Array.IndexOf(more, more.Max());
    }

    // A figure of a node's metrics.
    private async Task<long> FigureAsync(int node, string name)
    {
        var text = await _http.GetStringAsync(new Uri(_nodes[node]!.Admin, "/metrics"));
        var line = text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal) && !line.StartsWith('#'));
        return long.Parse(Number().Match(line).Value, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }

        if (_haproxy is not null)
        {
            await _haproxy.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartBalancerAsync()
    {
        var file = Path.Combine(_folder, "haproxy.cfg");
        var servers = string.Join('\n', _balancedPorts.Select(static (port, node) => string.Create(CultureInfo.InvariantCulture, $"    server n{node} 127.0.0.1:{port}")));
        await File.WriteAllTextAsync(file, $$"""
            defaults
                mode tcp
                timeout connect 2s
                timeout client 1m
                timeout server 1m
                retries 3
                option redispatch 1
            frontend smtp
                bind {{Balancer}}
                default_backend nodes
            backend nodes
                balance roundrobin
                source {{BalancerAddress}}
                default-server send-proxy-v2 check inter 250ms fall 1 rise 1
            {{servers}}

            """);
        _haproxy = ForeignProgram.Start("haproxy", "-db", "-f", file);
        await _haproxy.UntilListeningAsync(Balancer);
    }

    // A client that nobody has heard of has its burst, but of a node's own share nothing at first.
    private async Task<bool> AnswersAsync(int node)
    {
        var number = Interlocked.Increment(ref _strangers);
        await using var client = await SmtpTestClient.GreetAsync(new IPEndPoint(IPAddress.Loopback, _ports[node]), from: new IPAddress([127, 9, (byte)(number / 250), (byte)(1 + (number % 250))]));
        return (await client.CommandAsync("MAIL FROM:<a@b.example>")).Code == 250;
    }

    [GeneratedRegex(@"\d+$")]
    private static partial Regex Number();
}
