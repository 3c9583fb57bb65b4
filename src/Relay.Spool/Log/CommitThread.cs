namespace Relay.Spool.Log;

/// <summary>The thread that drives a log. What arrives while it syncs is the next batch; it sleeps when there is nothing to do.</summary>
internal sealed class CommitThread
{
    private readonly SpoolLog _log;
    private readonly SpoolSettings _settings;
    private readonly Thread _thread;
    private readonly ITimer _rideAlong;
    private readonly ITimer _upkeep;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDue;
    private bool _isRideAlongSet;
    private bool _isStopping;
    private bool _isWaiting;

    /// <summary>Starts it.</summary>
    public CommitThread(SpoolLog log, SpoolSettings settings, TimeProvider time)
    {
        _log = log;
        _settings = settings;
        _rideAlong = time.CreateTimer(
            static state => ((CommitThread)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _upkeep = time.CreateTimer(static state => ((CommitThread)state!).Wake(), this, settings.ProbeInterval, settings.ProbeInterval);
        _log.Queued = OnQueued;
        _thread = new Thread(Run) { Name = "spool commit", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends it after everything that waits is written.</summary>
    public async Task StopAsync()
    {
        await _rideAlong.DisposeAsync().ConfigureAwait(false);
        await _upkeep.DisposeAsync().ConfigureAwait(false);
        lock (_log.State.Gate)
        {
            _isStopping = true;
            Monitor.Pulse(_log.State.Gate);
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private void OnQueued(bool isWaitedFor)
    {
        if (isWaitedFor)
        {
            _isDue = true;
            if (_isWaiting)
            {
                Monitor.Pulse(_log.State.Gate);
            }
        }
        else if (!_isRideAlongSet)
        {
            _isRideAlongSet = true;
            _rideAlong.Change(_settings.RideAlongDelay, Timeout.InfiniteTimeSpan);
        }
    }

    private void Wake()
    {
        lock (_log.State.Gate)
        {
            _isDue = true;
            Monitor.Pulse(_log.State.Gate);
        }
    }

    private void Run()
    {
        try
        {
            while (Await())
            {
                if (_log.Step())
                {
                    lock (_log.State.Gate)
                    {
                        _isDue = true;
                    }
                }
            }

            _log.Close();
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            // A mistake of ours, not the disk's: nothing may be acknowledged on top of it.
            _log.Abandon(exception);
            _ended.SetResult();
        }
    }

    private bool Await()
    {
        lock (_log.State.Gate)
        {
            _isWaiting = true;
            while (!_isDue && !_isStopping)
            {
                Monitor.Wait(_log.State.Gate);
            }

            _isWaiting = false;
            _isDue = false;
            _isRideAlongSet = false;
            return !_isStopping;
        }
    }
}
