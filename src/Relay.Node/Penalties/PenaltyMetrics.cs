using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Penalties;

/// <summary>What a node counts of penalties.</summary>
internal sealed class PenaltyMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _begun;
    private readonly Counter<long> _untracked;

    /// <summary>Registers the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="penalised">Reads how many clients are under a penalty.</param>
    /// <param name="tracked">Reads of how many clients something is remembered.</param>
    public PenaltyMetrics(MeterScope meters, Func<int> penalised, Func<int> tracked)
    {
        _meter = meters.Make();
        _begun = _meter.CreateCounter<long>("relay_penalties", description: "Penalties of clients that kept being refused, by what came last.");
        _untracked = _meter.CreateCounter<long>("relay_penalty_untracked", description: "Refusals of clients for which there was no room to remember them.");
        _meter.CreateObservableGauge("relay_penalised_clients", penalised, description: "Clients under a penalty.");
        _meter.CreateObservableGauge("relay_penalty_clients", tracked, description: "Clients whose refusals are remembered.");
    }

    /// <summary>Makes every series exist, at 0.</summary>
    public void StartSeries()
    {
        _untracked.Add(0);
        foreach (var offence in Offences.All)
        {
            Began(offence, 0);
        }
    }

    /// <summary>A penalty has begun.</summary>
    public void Began(Offence last, int count = 1) => _begun.Add(count, new KeyValuePair<string, object?>("last", Offences.NameOf(last)));

    /// <summary>A refusal could not be remembered.</summary>
    public void Untracked() => _untracked.Add(1);

    public void Dispose() => _meter.Dispose();
}
