using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Relay.Actors.Calls;
using Relay.Actors.Cluster;
using Relay.Actors.Deliveries;
using Relay.Actors.Intake;
using Relay.Actors.Logging;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Actors.Policy.Store;
using Relay.Actors.Pressure;
using Relay.Node.Admin;
using Relay.Node.Admin.EveryNode;
using Relay.Node.Authentication;
using Relay.Node.Cluster;
using Relay.Node.Cluster.Tls;
using Relay.Node.CommandLine;
using Relay.Node.Encryption;
using Relay.Node.Inquiries;
using Relay.Node.Limits;
using Relay.Node.Listeners;
using Relay.Node.Logging;
using Relay.Node.Logging.Output;
using Relay.Node.Outbound;
using Relay.Node.Policies;
using Relay.Node.Pressure;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Spool.Disks;

namespace Relay.Node.Composition;

/// <summary>Puts a node together and runs it: the one place that knows every part.</summary>
public static partial class RelayNode
{
    /// <summary>Octets that Kestrel buffers for one connection before it stops reading from the socket.</summary>
    public const long ReadBufferMax = 64 * 1024;

    /// <summary>Octets that are written to one connection before its loop waits for the client.</summary>
    public const long WriteBufferMax = 64 * 1024;

    /// <summary>An API connection that sends no request, or half of one, is closed after this.</summary>
    public static readonly TimeSpan ApiIdleTime = TimeSpan.FromSeconds(5);

    /// <summary>For everything to close once the drain is over.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(20);

    /// <summary>Runs a node until it is told to stop.</summary>
    /// <param name="settings">What the node is.</param>
    /// <param name="output">Gets where it listens, and what stops the start.</param>
    /// <param name="stopping">Cancelled when the node is to stop: it drains, and ends clean.</param>
    /// <returns>0; 1 when a defect made it stop.</returns>
    /// <exception cref="CommandException">It could not start.</exception>
    public static async Task<int> RunAsync(NodeSettings settings, TextWriter output, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(output);
        try
        {
            await using var app = await BuildAsync(settings, cancellation: stopping).ConfigureAwait(false);
            await app.StartAsync(stopping).ConfigureAwait(false);
            await GreetInTimeAsync(app, settings, output).ConfigureAwait(false);
            await app.WaitForShutdownAsync(stopping).ConfigureAwait(false);
            return app.Services.GetRequiredService<MailHost>().HasFailed ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await output.WriteLineAsync("Stopped before it was ready.").ConfigureAwait(false);
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A port that is taken, a folder that is not ours, a spool that another node has: the message says which.
            throw new CommandException(e.Message);
        }
    }

    /// <summary>Puts a node together without starting it; tests run it in their own process.</summary>
    /// <param name="settings">What the node is.</param>
    /// <param name="replace">Replaces services; for tests.</param>
    /// <param name="cancellation">Ends the reading of files that do not open.</param>
    internal static async Task<WebApplication> BuildAsync(
        NodeSettings settings, Action<IServiceCollection>? replace = null, CancellationToken cancellation = default)
    {
        var stored = DocumentFolder.Open(Path.Combine(settings.Node.DataDirectory, ClusterPolicy.FolderName));
        var policy = await PolicyLoader.LoadAsync(settings, stored, cancellation).ConfigureAwait(false);
        var cluster = await ClusterFile.LoadAsync([settings.SettingsDirectory, AppContext.BaseDirectory], cancellation).ConfigureAwait(false);
        var clusterTls = await ClusterTls.LoadAsync(settings, cancellation).ConfigureAwait(false);
        var tls = await TlsLoader.LoadAsync(settings, cancellation).ConfigureAwait(false);
        var storedUsers = DocumentFolder.Open(Path.Combine(settings.Node.DataDirectory, ClusterUsers.FolderName), ClusterUsers.VersionsMax);
        var users = await UserStore.OpenAsync(settings, storedUsers, cancellation).ConfigureAwait(false);
        var token = BearerToken.Load(settings.Node.DataDirectory);
        var openSecrets = SecretFiles.Review(settings.Node.DataDirectory);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "relay" });
        NodeLogging.AddTo(builder.Services, settings.Log);
        NodeTalk.AddTo(builder.Services);
        builder.Services
            .AddSingleton(settings)
            .AddSingleton(new LimitAgent(new LimitBounds(), Math.Max(1, settings.Cluster.Seeds.Count), TimeProvider.System))
            .AddSingleton(services => new PolicyAgent(policy.Snapshot, services.GetRequiredService<LimitAgent>()))
            .AddSingleton<IRelaySystemPart, LimitPart>()
            .AddSingleton<LimitMetrics>()
            .AddSingleton(users)
            .AddSingleton<UserLog>()
            .AddSingleton(services => new ClusterUsers(settings, users, storedUsers, services.GetRequiredService<UserLog>()))
            .AddSingleton(services => new UserChanges(
                settings,
                services.GetRequiredService<ClusterState>().Expected,
                users,
                services.GetRequiredService<ClusterUsers>(),
                storedUsers,
                services.GetRequiredService<StoreTimes>(),
                services.GetRequiredService<TimeProvider>()))
            .AddSingleton<IRelaySystemPart>(static services => services.GetRequiredService<UserChanges>().Part)
            .AddSingleton(cluster)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new ConnectionTimes())
            .AddSingleton<IDisk, FileDisk>()
            .AddSingleton(OpenFileLimit.OfProcess())
            .AddSingleton(new MailExchangerPort())
            .AddSingleton(new InquiryLimits())
            .AddSingleton(new IntakeLimits())
            .AddSingleton(new DeliveryLimits())
            .AddSingleton<NodeReadiness>()
            .AddSingleton<PressureMonitor>()
            .AddSingleton<IPressure>(static services => services.GetRequiredService<PressureMonitor>())
            .AddSingleton<IPressureProbes, PressureProbes>()
            .AddSingleton<PressureWatch>()
            .AddSingleton<PressureMetrics>()
            .AddSingleton<PressureHealth>()
            .AddSingleton(token)
            .AddSingleton<OwnApi>()
            .AddSingleton<AnswerCall>(static services => services.GetRequiredService<OwnApi>().AnswerAsync)
            .AddSingleton<DeskPart>()
            .AddSingleton<IRelaySystemPart>(static services => services.GetRequiredService<DeskPart>())
            .AddSingleton<EveryNodeCall>()
            .AddSingleton<ClusterState>()
            .AddSingleton<ClusterMetrics>()
            .AddSingleton<IHealthNotices, ClusterNotices>()
            .AddSingleton<Func<NodeFigures>>(static services => services.GetRequiredService<MailHost>().Figures)
            .AddSingleton<IMailLog, MailLog>()
            .AddSingleton<SessionLog>()
            .AddSingleton<RecipientLog>()
            .AddSingleton(new CalloutLimits())
            .AddSingleton(services => new RecipientFiles(
                PolicyLoader.FolderOf(settings), services.GetRequiredService<RecipientLog>(), services.GetRequiredService<TimeProvider>()))
            .AddSingleton<RecipientCheckFactory>()
            .AddSingleton<MailDrain>()
            .AddSingleton<MailHost>()
            .AddSingleton<SmtpEndpoints>()
            .AddSingleton(policy)
            .AddSingleton(stored)
            .AddSingleton<PolicyLog>()
            .AddSingleton(new StoreTimes())
            .AddSingleton<ClusterPolicy>()
            .AddSingleton(static services => new DocumentPart(
                services.GetRequiredService<NodeSettings>(),
                DocumentNames.Policy,
                services.GetRequiredService<ClusterState>().Expected,
                services.GetRequiredService<DocumentFolder>(),
                services.GetRequiredService<ClusterPolicy>(),
                services.GetRequiredService<StoreTimes>(),
                services.GetRequiredService<TimeProvider>()))
            .AddSingleton<IRelaySystemPart>(static services => services.GetRequiredService<DocumentPart>())
            .AddSingleton<RelaySystemHost>()
            .AddHostedService(static services => services.GetRequiredService<MailHost>())
            .AddHostedService(static services => services.GetRequiredService<RelaySystemHost>())
            .AddSingleton(new PolicyWait())
            .AddSingleton<PolicyGate>()
            .AddSingleton<IHealthNotices>(static services => services.GetRequiredService<PolicyGate>())
            .AddHostedService(static services => services.GetRequiredService<PolicyGate>())
            .AddSingleton(new LimitWait())
            .AddHostedService<LimitGate>()
            .AddRouting();
        tls?.AddTo(builder.Services);
        if (clusterTls is not null)
        {
            builder.Services.AddSingleton(clusterTls);
        }

        AdminApi.Configure(builder.Services);
        MetricsExport.AddTo(builder.Services);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.DrainNotice + settings.Node.DrainTime + StopTime);
        builder.Services.Configure<SocketTransportOptions>(options =>
        {
            options.CreateBoundListenSocket = new ListenSockets(settings).Bind;
            options.MaxReadBufferSize = ReadBufferMax;
            options.MaxWriteBufferSize = WriteBufferMax;
            // Nothing in a connection's loop blocks, so it may run where its bytes arrive: two changes of thread fewer for each read.
            options.UnsafePreferInlineScheduling = true;
            // Asking first whether there is anything to read costs a system call a read; a waiting buffer is 4 KiB a connection.
            options.WaitForDataBeforeAllocatingBuffer = false;
        });
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel((_, kestrel) => Listen(kestrel, settings));
        // The last one that is registered is the one that Kestrel binds with.
        builder.Services.AddSingleton<IConnectionListenerFactory, BoundedTransport>();

        replace?.Invoke(builder.Services);
        var app = builder.Build();
        try
        {
            await app.Services.GetRequiredService<RecipientFiles>().LoadAsync(policy.RecipientLists, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        app.UseRouting();
        app.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        AdminApi.Map(app, token);
        var readiness = app.Services.GetRequiredService<NodeReadiness>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            readiness.Clear(NodeReadiness.ListenersBound);
            var mail = app.Services.GetRequiredService<MailHost>().Services;
            mail.Metrics.StartSeries(RefusedConnections.Limits, InquiryQuestions.All);
            mail.Penalties.Metrics.StartSeries();
            mail.Accounts.StartSeries();
            mail.Greylist.StartSeries();
            mail.Inquirer.Lists.Review();
            app.Services.GetService<TlsServer>()?.Metrics.StartSeries();
            app.Services.GetRequiredService<LimitMetrics>();
            app.Services.GetRequiredService<ClusterMetrics>();
            app.Services.GetRequiredService<PressureMetrics>();
            app.Services.GetRequiredService<LogMetrics>();
        });
        if (app.Services.GetService<TlsServer>() is { } server && await server.RehearseAsync().ConfigureAwait(false) is { } problem)
        {
            app.Services.GetRequiredService<TlsLog>().RehearsalFailed(problem);
        }

        await app.Services.GetRequiredService<ClusterPolicy>().TellAsync(stored, cancellation).ConfigureAwait(false);
        app.Services.GetRequiredService<ClusterUsers>().Tell(storedUsers);
        foreach (var warning in policy.Warnings)
        {
            LogPolicyWarning(app.Logger, warning);
        }

        foreach (var warning in openSecrets)
        {
            LogOpenSecret(app.Logger, warning);
        }

        return app;
    }

    [LoggerMessage(EventId = 3100, Level = LogLevel.Warning, Message = "policy: {Warning}")]
    private static partial void LogPolicyWarning(ILogger logger, string warning);

    [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "{Warning:l}")]
    private static partial void LogOpenSecret(ILogger logger, string warning);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Warning, Message = "standard output does not take what the node says at its start: {Cause}")]
    private static partial void LogUnheard(ILogger logger, string cause);

    private static void Listen(KestrelServerOptions kestrel, NodeSettings settings)
    {
        kestrel.AddServerHeader = false;
        // Whoever connects to the API and says nothing holds one of few places, and health probes want one.
        kestrel.Limits.KeepAliveTimeout = ApiIdleTime;
        kestrel.Limits.RequestHeadersTimeout = ApiIdleTime;
        kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
        var endpoints = kestrel.ApplicationServices.GetRequiredService<SmtpEndpoints>();
        foreach (var listener in settings.Listeners)
        {
            endpoints.Listen(kestrel, listener, settings.Node.HostName, settings.IsBalancer);
        }

        kestrel.Listen(settings.Admin.Address);
    }

    // Standard output may be a pipe that nobody reads, or a file on a full disk: the node runs all the same.
    private static async Task GreetInTimeAsync(WebApplication app, NodeSettings settings, TextWriter output)
    {
        try
        {
            await Task.Run(() => GreetAsync(app, settings, output)).WaitAsync(LogQueue.CloseTime).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            LogUnheard(app.Logger, e.Message);
        }
    }

    private static async Task GreetAsync(WebApplication app, NodeSettings settings, TextWriter output)
    {
        // In the order they were bound: the listeners, then the API.
        var bound = app.Urls.Select(static url => new Uri(url)).ToArray();
        for (var i = 0; i < settings.Listeners.Count; i++)
        {
            await output.WriteLineAsync($"SMTP ({settings.Listeners[i].Name}) on {bound[i].Host}:{bound[i].Port}").ConfigureAwait(false);
        }

        var admin = bound[^1];
        await output.WriteLineAsync($"API, /health and /metrics on http://{admin.Host}:{admin.Port}").ConfigureAwait(false);
        if (settings.Listeners.Count == 0)
        {
            return;
        }

        // A listener behind a balancer takes nobody who comes to it directly.
        if (settings.Listeners.Index().FirstOrDefault(static listener => listener.Item.ProxyProtocol is null) is (var open, { }))
        {
            await output.WriteLineAsync(
                $"Try: curl --url smtp://{bound[open].Host}:{bound[open].Port} --mail-from me@relay.example --mail-rcpt you@relay.example -T message.eml")
                .ConfigureAwait(false);
        }
    }
}
