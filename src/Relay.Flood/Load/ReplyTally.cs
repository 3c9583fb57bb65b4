using System.Collections.Concurrent;

namespace Relay.Flood.Load;

/// <summary>Counts of what servers said, by code and status. Thread-safe.</summary>
internal sealed class ReplyTally
{
    /// <summary>Different replies that are told apart; what comes after them is counted as <see cref="Others"/>.</summary>
    public const int LabelsMax = 100;

    public const string Others = "others";

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Add(string label) =>
        _counts.AddOrUpdate(_counts.ContainsKey(label) || _counts.Count < LabelsMax ? label : Others, 1, static (_, count) => count + 1);

    public void Add(TalkReply reply) => Add(reply.Label);

    /// <summary>The counts so far, in the order of their labels.</summary>
    public IReadOnlyDictionary<string, long> Read() => new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
}
