using System.Diagnostics.Metrics;
using Relay.Actors.Intake;

namespace Relay.Actors.Metrics;

/// <summary>What a node counts of the room for mail.</summary>
public sealed class IntakeMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Registers the instruments.</summary>
    public IntakeMetrics(MeterScope meters, IntakeLedger ledger)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(ledger);
        _meter = meters.Make();
        _meter.CreateObservableGauge("relay_intake_held_bytes", () => ledger.Shares.HeldBytes, description: "Octets held for mail on its way.");
        _meter.CreateObservableGauge("relay_intake_senders", () => (long)ledger.Shares.Senders, description: "Senders that have mail in the queue or on its way.");
        _meter.CreateObservableCounter("relay_intake_refusals", () => Refusals(ledger), description: "Mails for which there was no room, by reason.");
        _meter.CreateObservableCounter("relay_intake_given_way", () => ledger.GivenWay, description: "Slow mails that were cut off because others waited for the room held for them.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Refusals(IntakeLedger ledger) => Admissions.Refusals
        .GroupBy(Admissions.NameOf, ledger.RefusalsOf)
        .Select(static reason => new Measurement<long>(reason.Sum(), new KeyValuePair<string, object?>("reason", reason.Key)));
}
