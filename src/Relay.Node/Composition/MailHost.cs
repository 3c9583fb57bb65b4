using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting.Logging;
using Relay.Actors;
using Relay.Actors.Accounts;
using Relay.Actors.Bounces;
using Relay.Actors.Cluster;
using Relay.Actors.Deliveries;
using Relay.Actors.Intake;
using Relay.Actors.Logging;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Pressure;
using Relay.Actors.Queues;
using Relay.Node.Accounts;
using Relay.Node.Authentication;
using Relay.Node.Encryption;
using Relay.Node.Greylisting;
using Relay.Node.Inquiries;
using Relay.Node.Listeners;
using Relay.Node.Logging;
using Relay.Node.Logging.Refusals;
using Relay.Node.Outbound;
using Relay.Node.Penalties;
using Relay.Node.Pressure;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Smtp.Client;
using Relay.Spool;
using Relay.Spool.Disks;

namespace Relay.Node.Composition;

/// <summary>Starts what carries mail, in order: spool, queue, actors, delivery. Started before the listeners are bound, stopped after them.</summary>
/// <remarks>Drains before anything is stopped: health, metrics and API answer until the last conversation and delivery are over.</remarks>
internal sealed partial class MailHost : IHostedLifecycleService, IDisposable
{
    /// <summary>The file in the data directory that remembers what is in flight.</summary>
    public const string FlightsName = "flights";

    private static readonly Config ActorConfig = ConfigurationFactory.ParseString(
        $$"""
        akka {
          stdout-logger-class = "{{typeof(SilentLogger).AssemblyQualifiedName}}"
          loglevel = INFO
          stdout-loglevel = OFF
          loggers = ["Akka.Hosting.Logging.LoggerFactoryLogger, Akka.Hosting"]
          log-dead-letters = 10
          coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        }
        """);

    private readonly MeterScope _meters;
    private readonly NodeSettings _settings;
    private readonly PolicyAgent _policy;
    private readonly IMailLog _mailLog;
    private readonly SessionLog _sessionLog;
    private readonly NodeReadiness _readiness;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _log;
    private readonly ConnectionTimes _times;
    private readonly IDisk _disk;
    private readonly TimeProvider _time;
    private readonly OpenFileLimit _openFiles;
    private readonly MailExchangerPort _exchangerPort;
    private readonly UserStore _users;
    private readonly RecipientCheckFactory _recipientChecks;
    private readonly InquiryLimits _inquiryLimits;
    private readonly IntakeLimits _intakeLimits;
    private readonly DeliveryLimits _deliveryLimits;
    private readonly MailDrain _drain;
    private readonly IPressure _pressure;
    private readonly PressureWatch _pressureWatch;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TlsServer? _tls;
    private ActorSystem? _system;
    private SpoolSettings? _spoolSettings;
    private SpoolStore? _spool;
    private FlightFile? _flights;
    private ConnectionSweeper? _sweeper;
    private RefusedConnections? _refused;
    private RefusalLog? _refusals;
    private PenaltyBox? _penalties;
    private RelayMetrics? _metrics;
    private IntakeMetrics? _intakeMetrics;
    private OutboundLookups? _lookups;
    private Inquirer? _inquirer;
    private OwnListings? _ownListings;
    private AccountGuard? _accounts;
    private GreylistMetrics? _greylist;

    public MailHost(
        MeterScope meters,
        NodeSettings settings,
        PolicyAgent policy,
        IMailLog mailLog,
        SessionLog sessionLog,
        NodeReadiness readiness,
        ILoggerFactory loggers,
        ConnectionTimes times,
        IDisk disk,
        TimeProvider time,
        OpenFileLimit openFiles,
        MailExchangerPort exchangerPort,
        UserStore users,
        RecipientCheckFactory recipientChecks,
        InquiryLimits inquiryLimits,
        IntakeLimits intakeLimits,
        DeliveryLimits deliveryLimits,
        MailDrain drain,
        IPressure pressure,
        PressureWatch pressureWatch,
        IHostApplicationLifetime lifetime,
        TlsServer? tls = null)
    {
        _meters = meters;
        _settings = settings;
        _policy = policy;
        _mailLog = mailLog;
        _sessionLog = sessionLog;
        _readiness = readiness;
        _loggers = loggers;
        _log = loggers.CreateLogger<MailHost>();
        _times = times;
        _disk = disk;
        _time = time;
        _openFiles = openFiles;
        _exchangerPort = exchangerPort;
        _users = users;
        _recipientChecks = recipientChecks;
        _inquiryLimits = inquiryLimits;
        _intakeLimits = intakeLimits;
        _deliveryLimits = deliveryLimits;
        _drain = drain;
        _pressure = pressure;
        _pressureWatch = pressureWatch;
        _lifetime = lifetime;
        _tls = tls;
    }

    /// <summary>What connections work with; set before the first one can come.</summary>
    public SmtpServices Services { get; private set; } = null!; // set by StartAsync, which the host runs before it binds

    /// <summary>How many connections fit into the process; set before the first one can come.</summary>
    public DescriptorBudget Budget { get; private set; } = null!; // set by StartAsync, which the host runs before it binds

    /// <summary>True when a defect of the program ended the spool: the node stops, and its process must not look as if all were well.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What the other nodes are told of this one.</summary>
    public NodeFigures Figures() => new(_policy.Current.Version, _metrics?.QueueMessages ?? 0, (int)_pressure.Level, _policy.Limits.Shards);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var opening = new SpoolOpening(_settings, _disk, _time, _loggers.CreateLogger<SpoolOpening>(), OnSpoolDefect);
        _spoolSettings = opening.Settings();
        Budget = ShareOpenFiles(_spoolSettings);
        var gate = new ConnectionGate(_time, Budget.SmtpConnections);
        var slots = new OutboundSlots(Budget.OutboundConnections);
        _metrics = new RelayMetrics(_meters, () => _spool?.Usage.FileBytes ?? 0, () => _spool?.Usage.LiveBytes ?? 0, () => _policy.Current.Version, () => gate.Total, () => slots.InUse);
        var queue = new QueueResources(_policy, _metrics, _mailLog, _time) { Accounts = new AccountBreaker(_policy, _time) };
        _flights = new FlightFile(Path.Combine(_settings.Node.DataDirectory, FlightsName));
        _spool = opening.Open(_spoolSettings, queue, _flights.Interrupted);
        queue.Spool = _spool;
        _readiness.Clear(NodeReadiness.SpoolReplayed);

        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(ActorConfig), new LoggerFactorySetup(_loggers));
        _system = ActorSystem.Create(ActorNames.MailSystem, setup);
        _lookups = new OutboundLookups(_settings, _policy, _exchangerPort, _loggers, _time);
        var delivery = new DeliveryResources(
            _lookups.NextHops,
            new TcpConnector(),
            _spool,
            _policy,
            new ClientDialogueOptions(_settings.Node.HostName),
            _time)
        {
            Slots = slots,
            DeliveryLimits = _deliveryLimits,
            Board = queue.Board,
            Flights = _flights,
            Passwords = new PasswordFiles(PolicyLoader.FolderOf(_settings)),
        };
        var bounces = new BounceResources(_spool, _settings.Node.HostName, _mailLog, _time);
        var intakeLimits = _intakeLimits.For(_spoolSettings.QuotaBytes, _settings.Spool.SenderShareBytes);
        var intake = new IntakeLedger(intakeLimits, queue.Shares, Room);
        _intakeMetrics = new IntakeMetrics(_meters, intake);
        _pressureWatch.Start(new PressureSources(
            _spool, _spoolSettings, _disk, () => (double)_metrics.QueueMessages / intakeLimits.QueueMessagesMax, () => intake.UnderWay));
        var mail = MailSystem.Start(_system, _policy, queue, delivery, _lookups.Sites, intakeLimits, intake, bounces);
        _inquirer = new Inquirer(_settings.Dns, () => _policy.Current.DnsListZones, _inquiryLimits, _metrics, _loggers, _time);
        _policy.Applied += _inquirer.Lists.Review;
        _ownListings = _inquirer.Watch(_meters, _settings.Node.PublicAddresses, () => _policy.Current.DnsBlocklists);
        _refused = new RefusedConnections(_time, _metrics, _sessionLog);
        _refusals = new RefusalLog(_time, _metrics, _sessionLog);
        var holds = new AccountHoldsFile(_settings.Node.DataDirectory, _loggers.CreateLogger<AccountHoldsFile>());
        queue.Accounts.Restore(holds.Load());
        _accounts = new AccountGuard(_meters, queue.Accounts, mail.Queue, holds, _loggers.CreateLogger<AccountGuard>());
        _greylist = new GreylistMetrics(_meters);
        _penalties = new PenaltyBox(_meters, new PenaltyLimits(), _policy, new PenaltyLog(_loggers.CreateLogger<PenaltyLog>(), _time), _time);
        _sweeper = new ConnectionSweeper(_time, _times, _pressure, () => gate.CrowdingUnder(_policy.Current.Connections));
        Services = new SmtpServices(
            _settings.Node.HostName,
            mail,
            _policy,
            new Authenticator(
                _users, new PasswordChecks(PasswordChecks.AtOnceMax), new LoginLimits(_time), _metrics, new LoginLog(_loggers.CreateLogger<LoginLog>()), _time),
            _spool,
            _mailLog,
            _sessionLog,
            _refusals,
            _recipientChecks.Make(_lookups.CalloutSites, delivery, _metrics),
            _metrics,
            _pressure,
            _inquirer,
            gate,
            _refused,
            _penalties,
            _accounts,
            _greylist,
            _sweeper,
            _times,
            _time,
            _tls);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Drains: conversations and deliveries end, within <c>Node:DrainNotice</c> and <c>Node:DrainTime</c>. The host waits for it before it closes any port.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        _sweeper is null ? Task.CompletedTask : _drain.RunAsync(Services, HasFailed, cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Here, because what stays queued is the last line of a log.
        _refused?.Dispose();
        _refusals?.Dispose();
        if (_system is { } system)
        {
            await Services.Mail.StopQueueAsync().ConfigureAwait(false);
            await system.Terminate().ConfigureAwait(false);
        }

        _pressureWatch.Dispose();
        if (_spool is { } spool)
        {
            LogQueueKept(_metrics!.QueueMessages, _settings.Node.DataDirectory);
            await spool.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Services?.Recipients.Dispose();
        _sweeper?.Dispose();
        _refused?.Dispose();
        _refusals?.Dispose();
        _penalties?.Dispose();
        _accounts?.Dispose();
        _greylist?.Dispose();
        _metrics?.Dispose();
        _intakeMetrics?.Dispose();
        _flights?.Dispose();
        _lookups?.Dispose();
        if (_inquirer is { } inquirer)
        {
            _policy.Applied -= inquirer.Lists.Review;
            _ownListings?.Dispose();
            inquirer.Dispose();
        }
    }

    private DescriptorBudget ShareOpenFiles(SpoolSettings spool)
    {
        var budget = DescriptorBudget.Of(_openFiles.Max, spool.QuotaBytes / spool.EffectiveSegmentBytes);
        var total = _policy.Current.Connections.Total;
        if (budget is { Limit: { } limit } && budget.SmtpConnections < total)
        {
            LogOpenFilesBelowPolicy(limit, budget.SmtpConnections, total, budget.LimitFor(total));
        }

        return budget;
    }

    // Nothing can be stored until the spool is opened again: whoever watches over the process starts another.
    private void OnSpoolDefect()
    {
        HasFailed = true;
        _lifetime.StopApplication();
    }

    private IntakeRoom Room()
    {
        var usage = _spool!.Usage;
        return new IntakeRoom(usage.RoomBytes, _spool.IsHealthy, _metrics!.QueueMessages)
        {
            IsPressed = PressureTable.Of(_pressure.Level).SharesShrink,
            KeptBytes = _spoolSettings!.EntryBytesMax / IntakeLimits.KeptParts,
        };
    }

    [LoggerMessage(EventId = 3009, Level = LogLevel.Warning, Message =
        "open files: {Limit} are room for {Connections} SMTP connections, connections.total of the policy is {Total}; for all of them raise LimitNOFILE (ulimit -n) to {Wanted}")]
    private partial void LogOpenFilesBelowPolicy(long limit, int connections, int total, long wanted);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "stopped: {Messages} messages stay queued in {Directory}")]
    private partial void LogQueueKept(long messages, string directory);
}
