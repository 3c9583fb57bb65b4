using Relay.Actors.Metrics;

namespace Relay.Node.Logging.Refusals;

/// <summary>Writes refusals into the log: the first ones in full, the others as sums.</summary>
internal sealed class RefusalLog : IDisposable
{
    /// <summary>How often it is looked whether an interval is over.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly RefusalWindow _window;
    private readonly RelayMetrics _metrics;
    private readonly SessionLog _log;
    private readonly ITimer _timer;

    public RefusalLog(TimeProvider time, RelayMetrics metrics, SessionLog log)
    {
        _window = new RefusalWindow(time, new RefusalLimits());
        _metrics = metrics;
        _log = log;
        _timer = time.CreateTimer(static log => ((RefusalLog)log!).WriteDue(), this, LookInterval, LookInterval);
    }

    /// <summary>Something was refused.</summary>
    public void Add(in RefusalFacts refusal)
    {
        if (_window.Add(refusal))
        {
            _log.Refused(refusal);
        }
        else
        {
            _metrics.RefusalNotWritten();
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write(_window.TakeAll());
    }

    private void WriteDue() => Write(_window.TakeDue());

    private void Write(RefusalReport? report)
    {
        foreach (var sum in report?.Sums ?? [])
        {
            _log.RefusedMore(sum);
        }

        if (report?.Rest is { } rest)
        {
            _log.RefusedRest(rest);
        }
    }
}
