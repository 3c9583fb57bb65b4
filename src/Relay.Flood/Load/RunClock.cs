namespace Relay.Flood.Load;

/// <summary>Time since the load began.</summary>
internal sealed class RunClock
{
    private readonly long _start;

    public RunClock(TimeProvider time)
    {
        Time = time;
        _start = time.GetTimestamp();
    }

    public TimeProvider Time { get; }

    public TimeSpan Now => Time.GetElapsedTime(_start);

    /// <summary>Calls once for each arrival, as soon as it is due, until the end. Never waits for what is called.</summary>
    public async Task PaceAsync(PoissonArrivals arrivals, TimeSpan end, Action<TimeSpan> onArrival, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = Now;
            while (arrivals.TryTake(now, out var intended))
            {
                if (intended >= end)
                {
                    return;
                }

                onArrival(intended);
            }

            var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor((arrivals.Next - now).TotalMilliseconds)));
            await Task.Delay(wait, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until a moment of the run; a moment in the past is no wait.</summary>
    public Task WaitUntilAsync(TimeSpan moment, CancellationToken cancellationToken)
    {
        var left = moment - Now;
        return left <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(left, Time, cancellationToken);
    }
}
