using System.Net;
using System.Net.Sockets;
using Akka.Event;
using Microsoft.Extensions.Logging;
using Relay.Node.Cluster;
using Relay.Node.Settings;
using Relay.Node.Tests.Crash;
using Relay.TestKit;

namespace Relay.Node.Tests.Cluster;

public sealed class RelaySystemHostTests : IDisposable
{
    private readonly CapturedLog _log = new();
    private readonly ClusterState _state = new(new NodeSettings());
    private readonly ILoggerFactory _loggers;

    public RelaySystemHostTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task Each_failed_start_is_one_line_with_its_cause()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var host = await HostAsync((IPEndPoint)taken.LocalEndpoint, AppContext.BaseDirectory);

        await host.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => _log.Lines.Count >= 3, seconds: 60);
        await host.StopAsync(CancellationToken.None);

        Assert.All(
            _log.Lines.Zip(["0.25", "0.5", "1"]),
            line => Assert.Equal(
                $"Error the cluster cannot start: Cluster:Address {taken.LocalEndpoint} is in use; it is tried again in {line.Second} s, mail goes on", line.First));
        Assert.InRange(_state.Starts, _log.Lines.Count, _log.Lines.Count + 1);
    }

    [Fact]
    public async Task A_system_that_ends_is_one_line_and_what_a_running_one_says_is_written()
    {
        using var host = await HostAsync(new IPEndPoint(IPAddress.Loopback, 0), AppContext.BaseDirectory);

        await host.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => _state.Status == "up", seconds: 60);
        host.Current!.Log.Warning("a member is unreachable");
        await Eventually.TrueAsync(() => !_log.Lines.IsEmpty, seconds: 60);
        await host.Current!.Terminate();
        await Eventually.TrueAsync(() => _state.Starts == 2 && _state.Status == "up", seconds: 60);
        await host.StopAsync(CancellationToken.None);

        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("a member is unreachable", _log.Lines.First(), StringComparison.Ordinal);
        Assert.Equal("Warning the cluster's actor system has ended; it is started again in 0.25 s, mail goes on", _log.Lines.Last());
    }

    [Fact]
    public async Task A_missing_file_is_said_once()
    {
        var empty = Directory.CreateTempSubdirectory("relay-hocon-").FullName;
        using var host = await HostAsync(new IPEndPoint(IPAddress.Loopback, 0), empty);

        await host.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => _state.Status == "up", seconds: 60);
        await host.StopAsync(CancellationToken.None);

        Assert.StartsWith("Warning cluster.hocon is neither beside the settings file nor beside the program", Assert.Single(_log.Lines));
        Directory.Delete(empty);
    }

    [Fact]
    public async Task Nothing_stands_between_the_lines_of_the_log()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var folder = Directory.CreateTempSubdirectory("relay-bind-").FullName;
        await using (var relay = await RelayProcess.StartAsync(
            "run", $"--Node:DataDirectory={folder}", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0",
            $"--Cluster:Address={taken.LocalEndpoint}"))
        {
            await Eventually.TrueAsync(() => relay.Output.Contains("tried again in 1 s", StringComparison.Ordinal), seconds: 60);
            taken.Stop();
            using var http = new HttpClient { BaseAddress = relay.Admin };
            await Eventually.TrueAsync(async () => (await http.GetStringAsync("/health/ready")).Contains("\"up\"", StringComparison.Ordinal), seconds: 60);
            Assert.Equal(0, await relay.TerminateAsync());
            await Eventually.TrueAsync(() => relay.Output.Contains("stopped:", StringComparison.Ordinal), seconds: 60);

            Assert.All(relay.Output.Split('\n'), line => Assert.Matches("^(SMTP|API|Try|[0-9]{4}-[0-9-]+T)", line));
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task<RelaySystemHost> HostAsync(IPEndPoint address, string folder)
    {
        var settings = new NodeSettings { Cluster = new ClusterSection { Address = address } };
        var file = await ClusterFile.LoadAsync([folder], CancellationToken.None);
        return new RelaySystemHost(settings, file, _state, [], static () => default, _loggers, TimeProvider.System);
    }
}
