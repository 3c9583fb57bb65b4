using System.Net;

namespace Relay.Node.Listeners;

/// <summary>Sums up refused connections, so that a flood of them is a line a minute for each limit. Thread-safe.</summary>
internal sealed class RefusalTally
{
    /// <summary>Between two lines of one limit.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Entry> _entries;

    /// <summary>Nobody was refused.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="limits">The names of the limits that are there from the start.</param>
    public RefusalTally(TimeProvider time, IEnumerable<string> limits)
    {
        _time = time;
        _entries = limits.ToDictionary(static limit => limit, static _ => new Entry(), StringComparer.Ordinal);
    }

    /// <summary>A connection was refused.</summary>
    /// <param name="limit">The limit's name.</param>
    /// <param name="client">Its address.</param>
    public void Add(string limit, IPAddress client)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(limit, out var entry))
            {
                // Limits of the policy are few, and their names are the operator's.
                _entries.Add(limit, entry = new Entry());
            }

            entry.Count++;
            entry.LastClient = client;
        }
    }

    /// <summary>Takes the sums whose line may be written now.</summary>
    public IReadOnlyList<RefusalSum> TakeDue() => Take(LineInterval);

    /// <summary>Takes all sums: the node stops.</summary>
    public IReadOnlyList<RefusalSum> TakeAll() => Take(TimeSpan.Zero);

    private List<RefusalSum> Take(TimeSpan interval)
    {
        var sums = new List<RefusalSum>();
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            foreach (var (limit, entry) in _entries)
            {
                if (entry.LastClient is { } client && (entry.TakenAt is not { } taken || _time.GetElapsedTime(taken, now) >= interval))
                {
                    sums.Add(new RefusalSum(limit, entry.Count, client));
                    (entry.Count, entry.LastClient, entry.TakenAt) = (0, null, now);
                }
            }
        }

        return sums;
    }

    private sealed class Entry
    {
        public long Count { get; set; }

        public IPAddress? LastClient { get; set; }

        public long? TakenAt { get; set; }
    }
}

/// <summary>Connections that one limit refused since its line before.</summary>
/// <param name="Limit">The limit's name.</param>
/// <param name="Count">How many.</param>
/// <param name="LastClient">The address of the last one.</param>
internal readonly record struct RefusalSum(string Limit, long Count, IPAddress LastClient);
