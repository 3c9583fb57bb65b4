using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Remote;
using Akka.Remote.Hosting;
using Relay.Actors;
using Relay.Actors.Cluster;
using Relay.Messages.Wire;
using Relay.Node.Cluster.Deaths;
using Relay.Node.Cluster.Port;
using Relay.Node.Cluster.Tls;
using Relay.Node.Logging;
using Relay.Node.Settings;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Relay.Node.Cluster;

/// <summary>Runs the cluster's actor system in a host of its own, and starts it again whenever it ends: downed, quarantined, or failed to start.</summary>
/// <remarks>Nothing of mail waits for it or hears of its end.</remarks>
internal sealed partial class RelaySystemHost : BackgroundService
{
    /// <summary>Wait before the first restart; doubled with each failure in a row.</summary>
    public static readonly TimeSpan RestartDelayMin = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait before a restart.</summary>
    public static readonly TimeSpan RestartDelayMax = TimeSpan.FromSeconds(30);

    private readonly NodeSettings _settings;
    private readonly ClusterFile _file;
    private readonly ClusterState _state;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly IRelaySystemPart[] _parts;
    private readonly MembershipSettings _membership;
    private readonly ClusterTls? _tls;
    private readonly PeerProbe? _probe;

    public RelaySystemHost(
        NodeSettings settings,
        ClusterFile file,
        ClusterState state,
        IEnumerable<IRelaySystemPart> parts,
        Func<NodeFigures> figures,
        ILoggerFactory loggers,
        TimeProvider time,
        ClusterTls? tls = null)
    {
        _tls = tls;
        _probe = tls is null ? null : new PeerProbe(tls, time, loggers.CreateLogger<PeerProbe>());
        var watch = new ClusterWatch(state, loggers.CreateLogger<ClusterWatch>());
        _membership = new MembershipSettings(settings.Node.Name, settings.Cluster.Seeds, figures, watch, time);
        _parts = [.. parts];
        _settings = settings;
        _file = file;
        _state = state;
        _loggers = loggers;
        _log = loggers.CreateLogger<RelaySystemHost>();
        _time = time;
    }

    /// <summary>The system that is running now; null between two. For tests that break it.</summary>
    internal ActorSystem? Current { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        if (_file.Text is null)
        {
            LogNoFile(ClusterFile.FileName);
        }

        var delay = RestartDelayMin;
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            string? failure = null;
            try
            {
                await RunOnceAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // In a stop whatever a half started system throws is no news: the loop ends below.
                failure = StartFailure.Describe(e, _settings.Cluster.Address);
            }

            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            _state.Down();
            // One that ran for a while has not failed in a row.
            delay = _time.GetElapsedTime(started) > RestartDelayMax ? RestartDelayMin : delay;
            if (failure is null)
            {
                LogRestart(delay.TotalSeconds);
            }
            else
            {
                LogFailed(failure, delay.TotalSeconds);
            }

            await Task.Delay(delay, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < RestartDelayMax ? delay * 2 : RestartDelayMax;
        }
    }

    private async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        _state.Starting();
        var log = new StartLog(_loggers, _time);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddAkka(ActorNames.RelaySystem, (akka, _) => Configure(akka));
        using var host = builder.Build();
        try
        {
            // Made before the host starts: the hosting package keeps its failure to itself, and would try once more.
            var system = host.Services.GetRequiredService<ActorSystem>();
            await host.StartAsync(stoppingToken).ConfigureAwait(false);
            var cluster = Akka.Cluster.Cluster.Get(system);
            log.Open();
            Current = system;
            _state.Joining();
            using var _ = WatchForQuarantine(system);
            cluster.RegisterOnMemberUp(_state.Up);
            foreach (var part in _parts)
            {
                part.Started(system);
            }

            system.ActorOf(MembershipActor.PropsFor(_membership), ActorNames.Membership);
            system.ActorOf(DeathActor.PropsFor(_log), "deaths");
            system.ActorOf(VitalActors.PropsFor(system, _log), "vital-actors");
            await Task.WhenAny(system.WhenTerminated, Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken)).ConfigureAwait(false);
            using var patience = new CancellationTokenSource(RestartDelayMax, _time);
            await host.StopAsync(patience.Token).ConfigureAwait(false);
        }
        finally
        {
            Current = null;
            foreach (var part in _parts)
            {
                part.Ended();
            }

            log.Drop();
            // The hosting package takes the end of an actor system for the end of the process.
            Environment.ExitCode = 0;
        }
    }

    private void Configure(AkkaConfigurationBuilder akka)
    {
        var cluster = _settings.Cluster;
        var address = cluster.Address.Address.ToString();
        akka.ConfigureLoggers(static logging =>
            {
                logging.ClearLoggers();
                logging.AddLoggerFactory();
            })
            .WithRemoting(Remoting(address, cluster.Address.Port))
            .WithClustering(new ClusterOptions { Roles = [.. cluster.Roles] });
        foreach (var part in _parts)
        {
            part.Configure(akka);
        }

        if (_file.Text is { } text)
        {
            akka.AddHocon(text, HoconAddMode.Prepend);
        }

        akka.AddSetup(new WireSetup(_state.Wire));
        akka.AddHocon(RelaySerializer.Hocon, HoconAddMode.Prepend);
        akka.AddHocon(RefusedSerializer.Hocon, HoconAddMode.Prepend);
        akka.AddSetup(new GuardedTransport.GuardSetup(new PortDoor(cluster.Seeds, _time, _loggers.CreateLogger<PortDoor>()), _probe));
        akka.AddHocon(GuardedTransport.Hocon, HoconAddMode.Prepend);
        // Put in front last, so that no file changes it.
        akka.AddHocon(ClusterFile.FixedText, HoconAddMode.Prepend);
        akka.AddHocon($"akka.stdout-logger-class = \"{typeof(SilentLogger).AssemblyQualifiedName}\"", HoconAddMode.Prepend);
    }

    private RemoteOptions Remoting(string address, int port)
    {
        var options = new RemoteOptions { HostName = address, PublicHostName = address, Port = port };
        if (_tls is { } tls)
        {
            options.EnableSsl = true;
            options.Ssl = tls.Options;
        }

        return options;
    }

    private static QuarantineWatch WatchForQuarantine(ActorSystem system) => new(system);

    [LoggerMessage(EventId = 4000, Level = LogLevel.Error, Message = "the cluster cannot start: {Cause:l}; it is tried again in {Seconds} s, mail goes on")]
    private partial void LogFailed(string cause, double seconds);

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "the cluster's actor system has ended; it is started again in {Seconds} s, mail goes on")]
    private partial void LogRestart(double seconds);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message =
        "{File:l} is neither beside the settings file nor beside the program: the cluster runs by the defaults of Akka")]
    private partial void LogNoFile(string file);

    /// <summary>Signals are the node's; the inner host hears of them from it.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>A system that the others have quarantined never gets back in: it is ended, so that a fresh one can join.</summary>
    private sealed class QuarantineWatch : IDisposable
    {
        private readonly ActorSystem _system;
        private readonly IActorRef _listener;

        public QuarantineWatch(ActorSystem system)
        {
            _system = system;
            _listener = system.ActorOf(Props.Create(static () => new Listener()), "quarantine-watch");
            system.EventStream.Subscribe(_listener, typeof(ThisActorSystemQuarantinedEvent));
        }

        public void Dispose() => _system.EventStream.Unsubscribe(_listener);

        private sealed class Listener : ReceiveActor
        {
            public Listener()
            {
                Receive<ThisActorSystemQuarantinedEvent>(_ => Context.System.Terminate());
            }
        }
    }
}
