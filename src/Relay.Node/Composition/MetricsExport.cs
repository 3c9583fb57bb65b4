using OpenTelemetry.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Composition;

/// <summary>What <c>/metrics</c> shows, and how it is written.</summary>
internal static class MetricsExport
{
    // Nodes of one process hear of each other's instruments, those of nodes that have ended among them: what is too many is left out without a word.
    private const int StreamsMax = 10_000;

    /// <summary>Collects the relay's metrics and the runtime's.</summary>
    public static void AddTo(IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(static metrics => metrics
        .AddMeter(RelayMetrics.MeterName)
        .AddMeter("System.Runtime")
        .SetMaxMetricStreams(StreamsMax)
        .AddPrometheusExporter(static options =>
        {
            options.ScrapeResponseCacheDurationMilliseconds = 0;
            // The names are a contract: no labels that nobody asked for.
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
        }));
}
