using Relay.Spool;

namespace Relay.Node.Pressure;

/// <summary>The mean time of the spool's commits over the last second, and of one that does not come to its end.</summary>
internal sealed class CommitAverage
{
    private readonly (long Count, TimeSpan Total)[] _window = new (long, TimeSpan)[ThreadLag.ProbesMax];
    private int _next;

    /// <summary>Takes the spool's count of now.</summary>
    /// <returns>Milliseconds; 0 when there was nothing to commit.</returns>
    public double Take(in SpoolCommits now)
    {
        var (count, total) = _window[_next];
        _window[_next] = (now.Count, now.Total);
        _next = (_next + 1) % _window.Length;
        var mean = now.Count > count ? (now.Total - total) / (now.Count - count) : TimeSpan.Zero;
        return Math.Max(mean.TotalMilliseconds, now.Current.TotalMilliseconds);
    }
}
