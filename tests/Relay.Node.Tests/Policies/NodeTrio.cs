using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Policy.Store;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;

namespace Relay.Node.Tests.Policies;

/// <summary>Three whole nodes of one cluster in the test's process, each with a folder of its own.</summary>
internal sealed class NodeTrio : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private readonly string _policy;
    private readonly RunningNode?[] _nodes = new RunningNode?[3];

    private readonly Func<NodeSettings, NodeSettings> _configure;
    private readonly StoreTimes _times;

    private NodeTrio(string policy, Func<NodeSettings, NodeSettings> configure, StoreTimes times)
    {
        _policy = policy;
        _configure = configure;
        _times = times;
    }

    public RunningNode this[int index] => _nodes[index]!;

    public IEnumerable<RunningNode> All => _nodes.OfType<RunningNode>();

    /// <summary>Starts all three, and waits until each knows which policy holds.</summary>
    /// <param name="policy">The policy of their files.</param>
    /// <param name="configure">Changes the settings of each.</param>
    /// <param name="times">The time limits of changes of the policy, where they are not the usual ones.</param>
    public static async Task<NodeTrio> StartAsync(string policy, Func<NodeSettings, NodeSettings>? configure = null, StoreTimes? times = null)
    {
        var trio = new NodeTrio(policy, configure ?? (static settings => settings), times ?? new StoreTimes());
        await Task.WhenAll(trio.StartAsync(0), trio.StartAsync(1), trio.StartAsync(2));
        await Eventually.TrueAsync(() => trio.All.All(static node => node.Services.GetRequiredService<ClusterPolicy>().IsConfirmed));
        return trio;
    }

    /// <summary>Starts one node, with a wait for the policy that no test reaches by chance.</summary>
    public async Task<RunningNode> StartAsync(int index, TimeSpan? wait = null)
    {
        var name = ((char)('a' + index)).ToString();
        var node = await RunningNode.StartAsync(
            _policy,
            settings => _configure(settings with
            {
                Node = settings.Node with { Name = name },
                Cluster = new ClusterSection { Address = _seeds[index], Seeds = _seeds },
            }),
            replace: services => services
                .Replace(ServiceDescriptor.Singleton(new PolicyWait { Max = wait ?? Patience }))
                .Replace(ServiceDescriptor.Singleton(_times)));
        _nodes[index] = node;
        return node;
    }

    /// <summary>Ends a node's part in the cluster as a crash would: nobody is told, and it does not come back.</summary>
    public async Task StopAsync(int index)
    {
        var node = _nodes[index]!;
        _nodes[index] = null;
        await node.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in All)
        {
            await node.DisposeAsync();
        }
    }

    public static async Task<(HttpStatusCode Status, JsonElement Answer)> PutAsync(RunningNode node, string tag, string policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/policy") { Content = new StringContent(policy, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await node.Api.SendAsync(request);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, json.RootElement.Clone());
    }

    public static async Task<string> TagAsync(RunningNode node)
    {
        using var shown = await node.Api.GetAsync("/api/policy");
        return shown.Headers.ETag!.Tag;
    }
}
