using HdrHistogram;

namespace Relay.Flood.Load;

/// <summary>Latencies of many requests: microseconds to ten minutes, exact to a hundredth of the value. Thread-safe.</summary>
internal sealed class Latencies
{
    /// <summary>What takes longer counts as this long.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private const int SignificantDigits = 2;
    private readonly Lock _recording = new();
    private readonly LongHistogram _histogram = new((long)Longest.TotalMicroseconds, SignificantDigits);

    /// <summary>How many were recorded.</summary>
    public long Count
    {
        get
        {
            lock (_recording)
            {
                return _histogram.TotalCount;
            }
        }
    }

    /// <summary>Adds one.</summary>
    public void Record(TimeSpan latency)
    {
        var microseconds = Math.Clamp((long)latency.TotalMicroseconds, 0, (long)Longest.TotalMicroseconds);
        lock (_recording)
        {
            _histogram.RecordValue(microseconds);
        }
    }

    /// <summary>Adds all of another one.</summary>
    public void Add(Latencies other)
    {
        lock (_recording)
        {
            lock (other._recording)
            {
                _histogram.Add(other._histogram);
            }
        }
    }

    /// <summary>The latency that this share of requests does not exceed; null when there were none.</summary>
    /// <param name="percentile">0 to 100.</param>
    public TimeSpan? At(double percentile)
    {
        lock (_recording)
        {
            return _histogram.TotalCount == 0 ? null : TimeSpan.FromMicroseconds(_histogram.GetValueAtPercentile(percentile));
        }
    }

    /// <summary>All of several together.</summary>
    public static Latencies Merge(IEnumerable<Latencies> parts)
    {
        var sum = new Latencies();
        foreach (var part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }
}
