namespace Relay.Node.Pressure;

/// <summary>How long work waits for a thread of the pool: one probe at a time, and of the last few the one that waited least.</summary>
/// <remarks>The least, because a queue that stands is what hurts; one that comes and goes is how a pool works.</remarks>
internal sealed class ThreadLag(TimeProvider time) : IThreadPoolWorkItem
{
    /// <summary>Probes that are remembered: a second at the rate of <see cref="PressureWatch.Interval"/>.</summary>
    public const int ProbesMax = 4;

    private readonly double[] _lags = new double[ProbesMax];
    private int _next;
    private long _sentAt;
    private long _ranAt;

    /// <summary>Takes the result of the last probe, sends the next one, and says what the pool made all of them wait.</summary>
    /// <returns>Milliseconds.</returns>
    public double Probe()
    {
        var now = time.GetTimestamp();
        if (_sentAt != 0)
        {
            var ranAt = Volatile.Read(ref _ranAt);
            _lags[_next] = time.GetElapsedTime(_sentAt, ranAt == 0 ? now : ranAt).TotalMilliseconds;
            _next = (_next + 1) % ProbesMax;
            if (ranAt == 0)
            {
                return _lags.Min(); // it still waits: no other is sent
            }
        }

        _sentAt = now;
        Volatile.Write(ref _ranAt, 0);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return _lags.Min();
    }

    void IThreadPoolWorkItem.Execute() => Volatile.Write(ref _ranAt, time.GetTimestamp());
}
