using System.Collections.Concurrent;
using System.Globalization;
using Relay.Flood.Sink;

namespace Relay.Flood.Load;

/// <summary>Finds out when legitimate messages arrive at the sink, by the number that their sender's local part carries. Thread-safe.</summary>
internal sealed class DeliveryWatch
{
    private const string Prefix = "m-";
    private readonly ConcurrentDictionary<long, TimeSpan> _awaited = new();
    private readonly RunClock _clock;
    private readonly LoadTimeline _timeline;
    private readonly bool _hasSink;

    /// <param name="clock">The run's.</param>
    /// <param name="timeline">Gets the latencies.</param>
    /// <param name="hasSink">Without a sink nothing is waited for.</param>
    public DeliveryWatch(RunClock clock, LoadTimeline timeline, bool hasSink)
    {
        _clock = clock;
        _timeline = timeline;
        _hasSink = hasSink;
    }

    /// <summary>Accepted or undecided messages that have not arrived.</summary>
    public int Missing => _awaited.Count;

    /// <summary>The local part of the sender of a message.</summary>
    public static string LocalPartOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}");

    /// <summary>A message is on its way.</summary>
    public void Expect(long number, TimeSpan due)
    {
        if (_hasSink)
        {
            _awaited[number] = due;
        }
    }

    /// <summary>A message was not accepted; should it arrive all the same, nobody waits for it.</summary>
    public void Forget(long number) => _awaited.TryRemove(number, out _);

    /// <summary>The sink took a message: one of ours that arrives for the first time, or somebody else's.</summary>
    public void Arrived(SinkMessage message)
    {
        if (TryReadNumber(message.Envelope.Sender.LocalPart, out var number) && _awaited.TryRemove(number, out var due))
        {
            _timeline.At(due).ToDelivered.Record(_clock.Now - due);
        }
    }

    private static bool TryReadNumber(string localPart, out long number)
    {
        number = 0;
        return localPart.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(localPart.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
