using Relay.Node.Cluster;
using Relay.Node.Logging.Output;
using Relay.Node.Settings;
using Serilog;
using Serilog.Events;

namespace Relay.Node.Composition;

/// <summary>What of all that is said is logged, and where it goes.</summary>
internal static class NodeLogging
{
    /// <summary>Makes the logger of a node.</summary>
    /// <param name="services">Gets it.</param>
    /// <param name="settings">Where the log goes.</param>
    /// <exception cref="IOException">The folder of the log cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing may be written there.</exception>
    public static void AddTo(IServiceCollection services, LogSection settings)
    {
        var logs = NodeLogs.Open(settings, TimeProvider.System);
        services
            .AddSingleton(_ => logs) // made by it, so ended by it
            .AddSingleton<LogMetrics>()
            .AddSingleton<IHealthNotices, LogNotices>()
            .AddSerilog((made, log) => made.GetRequiredService<NodeLogs>().AddTo(log
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .MinimumLevel.Override("System", LogEventLevel.Warning)
                .MinimumLevel.Override("Akka", LogEventLevel.Warning)
                // A failed start is told to the user once, in words, by the command.
                .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
                // Nor does the user want to know that a service did not begin because of it.
                .Filter.ByExcluding(static line => line is { Level: LogEventLevel.Fatal, Exception: OperationCanceledException })),
                preserveStaticLogger: true); // nodes of one process have a log each
    }
}
