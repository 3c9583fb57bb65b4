namespace Relay.Actors.Bounces;

/// <summary>How many reports may be made: what forged senders are told is spam of ours. What is over a limit waits.</summary>
public sealed record BounceLimits
{
    /// <summary>Reports to one sender in an hour. Default 60.</summary>
    public int PerSender { get; init; } = 60;

    /// <summary>Reports to one sender at once. Default 20.</summary>
    public int SenderBurst { get; init; } = 20;

    /// <summary>Reports to all senders of one domain in an hour. Default 600.</summary>
    public int PerDomain { get; init; } = 600;

    /// <summary>Reports to all senders of one domain at once. Default 200.</summary>
    public int DomainBurst { get; init; } = 200;

    /// <summary>Reports of a node in an hour. Default 6,000.</summary>
    public int PerNode { get; init; } = 6_000;

    /// <summary>Reports of a node at once. Default 1,000.</summary>
    public int NodeBurst { get; init; } = 1_000;

    /// <summary>Of what may be made at once, of any kind, the percents that reports of strangers' mail use. Default 75: who invents senders by the thousand
    /// has users wait for none of theirs.</summary>
    public int StrangersPercent { get; init; } = 75;

    /// <summary>Senders and domains whose reports are counted; when there are more, those that have used nothing of late are forgotten, and after them senders share their domain's count. Default 20,000.</summary>
    public int TrackedMax { get; init; } = 20_000;

    /// <summary>Reports that are written at once. Default 4.</summary>
    public int AtOnceMax { get; init; } = 4;

    /// <summary>Between two lines of the log that say how many reports wait. Default 1 minute.</summary>
    public TimeSpan LineInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A report that could not be written is tried again after this. Default 30 seconds.</summary>
    public TimeSpan RetryTime { get; init; } = TimeSpan.FromSeconds(30);
}
