namespace Relay.Flood.Load;

/// <summary>What became of the legitimate messages that were due in one second. Thread-safe.</summary>
internal sealed class LoadSecond
{
    private long _offered;
    private long _accepted;
    private long _refused;
    private long _failed;

    public long Offered => Interlocked.Read(ref _offered);

    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Answered with 4xx or 5xx at any step.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Not answered: no connection to any node, cut, or too late.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>From when they were due to 250.</summary>
    public Latencies ToAccepted { get; } = new();

    /// <summary>From when they were due to their arrival at the sink.</summary>
    public Latencies ToDelivered { get; } = new();

    public void CountOffered() => Interlocked.Increment(ref _offered);

    public void CountAccepted(TimeSpan latency)
    {
        ToAccepted.Record(latency);
        Interlocked.Increment(ref _accepted);
    }

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountFailed() => Interlocked.Increment(ref _failed);
}

/// <summary>The legitimate messages of a run by the second in which they were due.</summary>
internal sealed class LoadTimeline
{
    private readonly LoadSecond[] _seconds;

    public LoadTimeline(TimeSpan length) =>
        _seconds = [.. Enumerable.Range(0, (int)Math.Ceiling(length.TotalSeconds) + 1).Select(_ => new LoadSecond())];

    public IReadOnlyList<LoadSecond> Seconds => _seconds;

    public LoadSecond At(TimeSpan due) => _seconds[Math.Min((int)due.TotalSeconds, _seconds.Length - 1)];

    /// <summary>The seconds from one moment to another; phases begin with whole seconds.</summary>
    public IReadOnlyList<LoadSecond> Between(TimeSpan from, TimeSpan to) =>
        [.. _seconds.Skip((int)Math.Round(from.TotalSeconds)).Take((int)Math.Round((to - from).TotalSeconds))];
}
