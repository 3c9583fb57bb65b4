using Relay.Node.Listeners;

namespace Relay.Node.Logging.Refusals;

/// <summary>Decides which refusals get a line of the log, and sums up the others. Thread-safe, and bounded whoever comes (RFC 2505 section 2.4).</summary>
/// <remarks>
/// An interval begins with a refusal. In it the first ones of a client by one rule are told in full, as long as the node has lines left, and
/// the others counted. At its end the sums are taken and everything is forgotten, so that memory is bounded by one interval.
/// </remarks>
internal sealed class RefusalWindow
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly RefusalLimits _limits;
    private readonly Dictionary<(ClientKey Client, string Rule), Entry> _entries = [];
    private long? _beganAt;
    private int _lines;
    private RefusalSum? _untracked;

    public RefusalWindow(TimeProvider time, RefusalLimits limits)
    {
        _time = time;
        _limits = limits;
    }

    /// <summary>Something was refused.</summary>
    /// <returns>True when it gets a line of its own; else it is in the next report.</returns>
    public bool Add(in RefusalFacts refusal)
    {
        var key = (ClientKey.OfClient(refusal.Client), refusal.Rule);
        lock (_lock)
        {
            _beganAt ??= _time.GetTimestamp();
            if (!_entries.TryGetValue(key, out var entry))
            {
                if (_entries.Count >= _limits.TrackedMax)
                {
                    _untracked = new RefusalSum((_untracked?.Count ?? 0) + 1, refusal);
                    return false;
                }

                entry = new Entry();
                _entries.Add(key, entry);
            }

            if (entry.Lines < _limits.LinesPerRule && _lines < _limits.LinesMax)
            {
                entry.Lines++;
                _lines++;
                return true;
            }

            entry.Counted = new RefusalSum((entry.Counted?.Count ?? 0) + 1, refusal);
            return false;
        }
    }

    /// <summary>Takes what was counted once the interval is over; null before, and when every refusal had its line.</summary>
    public RefusalReport? TakeDue() => Take(_limits.Interval);

    /// <summary>Takes what was counted so far; null when every refusal had its line.</summary>
    public RefusalReport? TakeAll() => Take(TimeSpan.Zero);

    private RefusalReport? Take(TimeSpan after)
    {
        List<RefusalSum> sums;
        RefusalSum? rest;
        lock (_lock)
        {
            if (_beganAt is not { } began || _time.GetElapsedTime(began) < after)
            {
                return null;
            }

            sums = [.. _entries.Values.Where(static entry => entry.Counted is not null).Select(static entry => entry.Counted!.Value)];
            rest = _untracked;
            _entries.Clear();
            (_beganAt, _lines, _untracked) = (null, 0, null);
        }

        return sums.Count == 0 && rest is null ? null : Report(sums, rest);
    }

    private RefusalReport Report(List<RefusalSum> sums, RefusalSum? rest)
    {
        sums.Sort(static (one, other) => other.Count.CompareTo(one.Count));
        foreach (var sum in sums.Skip(_limits.SumsMax))
        {
            rest = new RefusalSum((rest?.Count ?? 0) + sum.Count, sum.Last);
        }

        return new RefusalReport([.. sums.Take(_limits.SumsMax)], rest);
    }

    private sealed class Entry
    {
        public int Lines { get; set; }

        public RefusalSum? Counted { get; set; }
    }
}
