using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Relay.Node.CommandLine.Api;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;

namespace Relay.Node.Tests.Crash;

/// <summary>
/// What happens to one process of three, while mail goes through all of them: nothing accepted is lost, the others are never interrupted, and the
/// cluster is whole again within 30 s of the fault's end. bench/soak.sh --cluster does the same with longer faults, again and again.
/// </summary>
public sealed class ClusterFaultTests : IAsyncLifetime
{
    private const int Nodes = 3;

    private static readonly TimeSpan HealTimeMax = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-cluster-").FullName;
    private readonly int[] _cluster = [.. Enumerable.Range(0, Nodes).Select(static _ => FreePort.Next())];
    private readonly int[] _smtp = [.. Enumerable.Range(0, Nodes).Select(static _ => FreePort.Next())];
    private readonly RelayProcess[] _nodes = new RelayProcess[Nodes];
    private readonly HttpClient[] _api = new HttpClient[Nodes];
    private readonly SteadyMail _mail = SteadyMail.Start();

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "policy.json"), RunningNode.PolicyTo(_mail.NextHop));
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(StartAsync));
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes.Where(static node => node is not null))
        {
            node.Resume();
            await node.DisposeAsync();
        }

        await _mail.DisposeAsync();
        Array.ForEach(_api, static api => api?.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("paused")]
    public async Task A_node_that_is_gone_for_a_while_disturbs_nobody_and_comes_back(string how)
    {
        await WholeAsync();
        // The first one: it is the first seed, and has whatever the cluster has one of.
        _mail.TryThrough(() => new IPEndPoint(IPAddress.Loopback, _smtp[0]), "a");
        _mail.SendThrough(new IPEndPoint(IPAddress.Loopback, _smtp[1]), "b");
        _mail.SendThrough(new IPEndPoint(IPAddress.Loopback, _smtp[2]), "c");
        await MoreAsync("a", "b", "c");

        if (how == "killed")
        {
            await _nodes[0].KillAsync();
        }
        else
        {
            _nodes[0].Pause();
        }

        await WithoutFirstAsync();
        await MoreAsync("b", "c");
        var ended = Stopwatch.GetTimestamp();
        if (how == "killed")
        {
            await _nodes[0].DisposeAsync();
            await StartAsync(0);
        }
        else
        {
            _nodes[0].Resume();
        }

        await WholeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(ended), TimeSpan.Zero, HealTimeMax);
        await MoreAsync("a", "b", "c");
        await _mail.EndAsync();
    }

    private async Task MoreAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await _mail.MoreAsync(name);
        }
    }

    private Task WholeAsync() => Eventually.TrueAsync(async () =>
    {
        var answers = await Task.WhenAll(_api.Select(ShowAsync));
        return answers.All(static answer => answer is { Status: "up", Members.Count: Nodes }
            && answer.Members.All(static member => member is { Status: "up", Reachable: true, Queue: not null }));
    }, Describe);

    // At least until the others have given it up, and for as long as a longer run wants.
    private async Task WithoutFirstAsync()
    {
        var began = Stopwatch.GetTimestamp();
        var least = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("RELAY_FAULT_SECONDS") ?? "0", CultureInfo.InvariantCulture));
        await Eventually.TrueAsync(async () =>
        {
            foreach (var api in _api[1..])
            {
                // Ready all the time: no balancer must take it out.
                using var ready = await api.GetAsync("/health/ready");
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            }

            var answers = await Task.WhenAll(_api[1..].Select(ShowAsync));
            return Stopwatch.GetElapsedTime(began) >= least && answers.All(static answer => answer is { Members.Count: Nodes - 1 });
        }, Describe);
    }

    // Null while it does not answer: one that was just resumed may be slow.
    private static async Task<ClusterAnswer?> ShowAsync(HttpClient api)
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

    private string Describe() => string.Join("\n\n", _nodes.Select(static node => node.Output));

    private async Task StartAsync(int index)
    {
        var data = Path.Combine(_folder, $"{index}");
        _nodes[index] = await RelayProcess.StartAsync(
            "run",
            $"--Node:Name={"abc"[index]}",
            $"--Node:DataDirectory={data}",
            $"--PolicyFile={_folder}/policy.json",
            "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0",
            $"--Listeners:0:Address=127.0.0.1:{_smtp[index]}",
            $"--Cluster:Address=127.0.0.1:{_cluster[index]}",
            $"--Cluster:Seeds={string.Join(',', _cluster.Select(static port => $"127.0.0.1:{port}"))}");
        _api[index]?.Dispose();
        _api[index] = new HttpClient { BaseAddress = _nodes[index].Admin, Timeout = TimeSpan.FromSeconds(10) };
        var token = (await File.ReadAllTextAsync(Path.Combine(data, "admin.token"))).Trim();
        _api[index].DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }
}
