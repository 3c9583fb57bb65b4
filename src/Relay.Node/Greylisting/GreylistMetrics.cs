using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Greylisting;

/// <summary>What became of triplets.</summary>
internal enum GreylistResult
{
    /// <summary>They were told to come again.</summary>
    Delayed,

    /// <summary>They came again.</summary>
    Passed,

    /// <summary>They, or their client, had come again before.</summary>
    Known,

    /// <summary>Nobody could be asked: they passed.</summary>
    Unavailable,
}

/// <summary>What a node counts of greylisting.</summary>
internal sealed class GreylistMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _triplets;

    /// <summary>Registers the instrument.</summary>
    public GreylistMetrics(MeterScope meters)
    {
        _meter = meters.Make();
        _triplets = _meter.CreateCounter<long>("relay_greylist", description: "Recipients that greylisting looked at, by result.");
    }

    /// <summary>Makes every series exist, at 0.</summary>
    public void StartSeries()
    {
        foreach (var result in Enum.GetValues<GreylistResult>())
        {
            Add(result, 0);
        }
    }

    /// <summary>Counts one.</summary>
    public void Add(GreylistResult result) => Add(result, 1);

    public void Dispose() => _meter.Dispose();

    private void Add(GreylistResult result, long count) => _triplets.Add(count, new KeyValuePair<string, object?>("result", NameOf(result)));

    private static string NameOf(GreylistResult result) => result switch
    {
        GreylistResult.Delayed => "delayed",
        GreylistResult.Passed => "passed",
        GreylistResult.Known => "known",
        _ => "unavailable",
    };
}
