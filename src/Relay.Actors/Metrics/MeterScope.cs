using System.Diagnostics.Metrics;

namespace Relay.Actors.Metrics;

/// <summary>Makes the meters of one node. Nodes of one process name their instruments alike: by its scope an exporter knows whose they are.</summary>
public sealed class MeterScope
{
    /// <summary>Makes a meter named <see cref="RelayMetrics.MeterName"/>. Whoever asks for it ends it.</summary>
    public Meter Make() => new(new MeterOptions(RelayMetrics.MeterName) { Scope = this });

    /// <summary>False for an instrument of another node.</summary>
    public bool Covers(Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        return instrument.Meter.Scope is not MeterScope other || other == this;
    }
}
