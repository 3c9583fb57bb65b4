using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Actors.Cluster;
using Relay.Node.Cluster;
using Relay.Node.Cluster.Tls;
using Relay.Node.Settings;

namespace Relay.Node.Tests.Cluster;

/// <summary>The cluster's part of one node, without mail, in the test's process.</summary>
internal sealed class NodeOfCluster : IAsyncDisposable
{
    private readonly RelaySystemHost _host;
    private readonly ILoggerFactory _loggers;

    private NodeOfCluster(RelaySystemHost host, ILoggerFactory loggers, CapturedLog log, ClusterState state)
    {
        _host = host;
        _loggers = loggers;
        Log = log;
        State = state;
    }

    public CapturedLog Log { get; }

    public ClusterState State { get; }

    private bool IsEncrypted { get; init; }

    /// <summary>The system that runs now.</summary>
    public Akka.Actor.ActorSystem System => _host.Current!;

    public static async Task<NodeOfCluster> StartAsync(IPEndPoint address, IReadOnlyList<IPEndPoint> seeds, string? file = null, Func<NodeFigures>? figures = null, ClusterTlsSection? tls = null)
    {
        var settings = new NodeSettings
        {
            Node = new NodeSection { Name = $"node-{address.Port}" },
            Cluster = new ClusterSection { Address = address, Seeds = seeds, Tls = tls },
        };
        var hocon = await ClusterFile.LoadAsync([file ?? AppContext.BaseDirectory], CancellationToken.None);
        var (log, state) = (new CapturedLog(), new ClusterState(settings));
        var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var host = new RelaySystemHost(settings, hocon, state, [], figures ?? (static () => default), loggers, TimeProvider.System, await ClusterTls.LoadAsync(settings, CancellationToken.None));
        await host.StartAsync(CancellationToken.None);
        return new NodeOfCluster(host, loggers, log, state) { IsEncrypted = tls is not null };
    }

    /// <summary>True when it sees exactly these members, all up and reachable.</summary>
    public bool Sees(IEnumerable<IPEndPoint> members) => State.Picture is { } picture
        && picture.Members.All(static member => member is { Status: "up", IsReachable: true })
        && picture.Members.Select(static member => member.Id.Address).Order(StringComparer.Ordinal)
            .SequenceEqual(members.Select(member => $"{(IsEncrypted ? "akka.ssl.tcp" : "akka.tcp")}://relay@{member}").Order(StringComparer.Ordinal));

    /// <summary>How it stands, for a test that fails.</summary>
    public override string ToString() => $"{State.Status} {State.Picture}\n{string.Join('\n', Log.Lines)}";

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _loggers.Dispose();
    }
}
