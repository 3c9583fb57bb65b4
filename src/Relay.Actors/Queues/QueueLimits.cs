using Relay.Policy.Values;

namespace Relay.Actors.Queues;

/// <summary>The bounds of the queue.</summary>
public sealed record QueueLimits
{
    /// <summary>A site that cannot be reached is left alone for this, doubled with each failure. Default 1 minute.</summary>
    public TimeSpan ParkTimeMin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>… and for this at the most. Default 15 minutes.</summary>
    public TimeSpan ParkTimeMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Recipients of a message that fail within this of each other are reported in one bounce, while others are still on their way. Default 30 seconds.</summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A message that was in flight when the process died waits for this after the start, and is then tried alone, for as long again: if the process dies meanwhile, it was this one. Default 30 seconds.</summary>
    public TimeSpan SuspectTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Crashes in a row with a message in flight after which it is held. Default 2.</summary>
    public int CrashesMax { get; init; } = 2;

    /// <summary>Messages kept to show failures that nobody may be told of; the oldest go first. Default 10,000.</summary>
    public int FailedKeptMax { get; init; } = 10_000;

    /// <summary>Domains remembered without any mail waiting for them. Default 10,000.</summary>
    public int IdleLanesMax { get; init; } = 10_000;

    /// <summary>How long a site is left alone after its <paramref name="failures"/>th failure in a row: never longer than the policy's own retry.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="retry">The policy's schedule.</param>
    /// <param name="chance">From 0 to 1: up to a quarter is taken off, so that sites that failed together are not tried together.</param>
    public TimeSpan ParkTime(int failures, RetrySchedule retry, double chance)
    {
        ArgumentNullException.ThrowIfNull(retry);
        var doubled = ParkTimeMin * Math.Pow(2, Math.Min(failures - 1, 10));
        var bounded = doubled < ParkTimeMax ? doubled : ParkTimeMax;
        var scheduled = retry.Delay(failures);
        return (scheduled < bounded ? scheduled : bounded) * (1 - (chance / 4));
    }
}
