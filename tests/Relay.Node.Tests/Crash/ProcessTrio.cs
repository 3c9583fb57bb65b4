using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Relay.Node.CommandLine.Api;
using Relay.TestKit;

namespace Relay.Node.Tests.Crash;

/// <summary>Three processes of one cluster, a, b and c, each with a folder of its own; any of them may be killed, paused and started again.</summary>
internal sealed class ProcessTrio : IAsyncDisposable
{
    /// <summary>How many there are.</summary>
    public const int Nodes = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-cluster-").FullName;
    private readonly int[] _cluster = [.. Enumerable.Range(0, Nodes).Select(static _ => FreePort.Next())];
    private readonly int[] _smtp = [.. Enumerable.Range(0, Nodes).Select(static _ => FreePort.Next())];
    private readonly RelayProcess?[] _nodes = new RelayProcess?[Nodes];
    private readonly HttpClient[] _api = new HttpClient[Nodes];

    private ProcessTrio()
    {
    }

    public RelayProcess this[int node] => _nodes[node]!;

    /// <summary>Starts them, and waits until they are one cluster.</summary>
    /// <param name="policy">The policy of their files.</param>
    public static async Task<ProcessTrio> StartAsync(string policy)
    {
        var trio = new ProcessTrio();
        await File.WriteAllTextAsync(Path.Combine(trio._folder, "policy.json"), policy);
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(trio.StartAsync));
        await trio.WholeAsync();
        return trio;
    }

    /// <summary>Where a node takes mail, whatever became of it.</summary>
    public IPEndPoint Smtp(int node) => new(IPAddress.Loopback, _smtp[node]);

    /// <summary>A node's API as it is now: another one after a start.</summary>
    public HttpClient Api(int node) => _api[node];

    /// <summary>Starts a node, again too.</summary>
    public async Task StartAsync(int node)
    {
        if (_nodes[node] is { } dead)
        {
            await dead.DisposeAsync();
        }

        var data = Path.Combine(_folder, node.ToString(CultureInfo.InvariantCulture));
        _nodes[node] = await RelayProcess.StartAsync(
            "run",
            $"--Node:Name={"abc"[node]}",
            $"--Node:DataDirectory={data}",
            $"--PolicyFile={_folder}/policy.json",
            "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0",
            $"--Listeners:0:Address=127.0.0.1:{_smtp[node]}",
            $"--Cluster:Address=127.0.0.1:{_cluster[node]}",
            $"--Cluster:Seeds={string.Join(',', _cluster.Select(static port => $"127.0.0.1:{port}"))}");
        _api[node]?.Dispose();
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin.token"))).Trim();
        _api[node] = new HttpClient { BaseAddress = this[node].Admin, Timeout = TimeSpan.FromSeconds(10) };
        _api[node].DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Waits until each of them sees all of them.</summary>
    public Task WholeAsync() => Eventually.TrueAsync(async () =>
    {
        var answers = await Task.WhenAll(_api.Select(ShowAsync));
        return answers.All(static answer => answer is { Status: "up", Members.Count: Nodes }
            && answer.Members.All(static member => member is { Status: "up", Reachable: true, Queue: not null }));
    }, Describe);

    /// <summary>The cluster as a node sees it; null while it does not answer: one that was just resumed may be slow.</summary>
    public static async Task<ClusterAnswer?> ShowAsync(HttpClient api)
    {
        try
        {
            return await api.GetFromJsonAsync<ClusterAnswer>("/api/cluster");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>All that they have printed.</summary>
    public string Describe() => string.Join("\n\n", _nodes.Select(static node => node?.Output));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.OfType<RelayProcess>())
        {
            node.Resume();
            await node.DisposeAsync();
        }

        Array.ForEach(_api, static api => api?.Dispose());
        Directory.Delete(_folder, recursive: true);
    }
}
