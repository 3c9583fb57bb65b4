using OpenTelemetry.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Composition;

/// <summary>What <c>/metrics</c> shows, and how it is written.</summary>
internal static class MetricsExport
{
    /// <summary>Collects the node's metrics and the runtime's.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var meters = new MeterScope();
        services.AddSingleton(meters);
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(RelayMetrics.MeterName)
            .AddMeter("System.Runtime")
            // Another node of the process has instruments of the same names: taken for one, either would show what the other one counts.
            .AddView(instrument => meters.Covers(instrument) ? null : MetricStreamConfiguration.Drop)
            .AddPrometheusExporter(static options =>
            {
                options.ScrapeResponseCacheDurationMilliseconds = 0;
                // The names are a contract: no labels that nobody asked for.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
            }));
    }
}
