using System.Net;
using System.Net.Sockets;

namespace Relay.Flood.Nodes;

/// <summary>Nodes of our own on loopback, with a policy that fits the scenarios, in a folder that is gone afterwards.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private readonly string _folder;

    private readonly List<LocalNode> _nodes = [];

    private LocalCluster(string folder) => _folder = folder;

    public IReadOnlyList<LocalNode> Nodes => _nodes;

    /// <summary>Starts the nodes and waits until all are ready.</summary>
    /// <exception cref="IOException">A node ended, or was not ready in time; the message has the end of its log.</exception>
    public static async Task<LocalCluster> StartAsync(
        FloodSettings settings, RelayProgram program, IPEndPoint sink, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.DataDirectory, $"relay-flood-{Guid.NewGuid():N}")).FullName;
        var cluster = new LocalCluster(folder);
        try
        {
            await cluster.PrepareAsync(settings, program, sink, cancellationToken);
            cluster._nodes.ForEach(node => node.Start());
            foreach (var node in cluster._nodes)
            {
                await AwaitReadyAsync(node, time, cancellationToken);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a node says that it is ready.</summary>
    public static async Task AwaitReadyAsync(LocalNode node, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var start = time.GetTimestamp();
        while (!await IsReadyAsync(http, node, cancellationToken))
        {
            // Whoever interrupts us at a terminal ends the nodes too.
            cancellationToken.ThrowIfCancellationRequested();
            if (node.HasEnded || time.GetElapsedTime(start) > StartTimeMax)
            {
                var log = await File.ReadAllLinesAsync(node.LogFile, cancellationToken);
                throw new IOException($"{node.Name} did not start: {string.Join(" | ", log.TakeLast(3))}");
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.KillAsync();
            node.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync(FloodSettings settings, RelayProgram program, IPEndPoint sink, CancellationToken cancellationToken)
    {
        var ports = FreePorts((3 * settings.Nodes) + 1);
        await LocalFiles.WritePolicyAsync(_folder, settings, sink, deadPort: ports[^1], cancellationToken);
        var seeds = ports.Skip(2 * settings.Nodes).Take(settings.Nodes).ToList();
        for (var i = 0; i < settings.Nodes; i++)
        {
            var name = $"node-{i + 1}";
            var place = new LocalNodePlace(name, Path.Combine(_folder, name), ports[i], ports[settings.Nodes + i], seeds[i]);
            await LocalFiles.WriteNodeAsync(place, seeds, cancellationToken);
            _nodes.Add(new LocalNode(name, place.Folder, new IPEndPoint(IPAddress.Loopback, place.Smtp), new Uri($"http://127.0.0.1:{place.Api}"), program));
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, LocalNode node, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(node.Api, "/health/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Ports that nobody listens on; all are held until the last is found, so that they differ.</summary>
    private static List<int> FreePorts(int count)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }

            return [.. sockets.Select(socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}
