namespace Relay.Actors.Pressure;

/// <summary>Every signal of pressure, with its marks. docs/limits.md has the same table.</summary>
public static class PressureSignals
{
    /// <summary>What entries have used of the spool's segments.</summary>
    public static readonly PressureSignal Spool = new("spool", "% of the quota", new(70, 62), new(85, 78), new(95, 90));

    /// <summary>What is free on the spool's file system, in per cent of the quota: the spool never needs more.</summary>
    public static readonly PressureSignal DiskFree = new("diskFree", "% of the quota", new(10, 12), new(5, 7), new(2, 3));

    /// <summary>Files that can still be made on the spool's file system.</summary>
    public static readonly PressureSignal Inodes = new("inodes", "files", new(2_000, 3_000), new(500, 1_000), new(100, 200));

    /// <summary>Messages in the queue, of those that it may hold.</summary>
    public static readonly PressureSignal Queue = new("queue", "% of the most", new(60, 50), new(80, 70), new(95, 90));

    /// <summary>Octets held for mail on its way, of those that may be. Senders wait for one another while it is used up, so nobody is refused for it at once.</summary>
    public static readonly PressureSignal UnderWay = new("underWay", "% of the most", new(60, 40), null, null);

    /// <summary>From the write of a batch to the end of its sync, on average over the last second. Clients wait for it, so it must be very long to refuse any.</summary>
    public static readonly PressureSignal Commit = new("commit", "ms", new(100, 50), new(2_000, 800), new(10_000, 4_000));

    /// <summary>Bodies in memory that are not durable. Clients wait while it is used up, so nobody is refused for it.</summary>
    public static readonly PressureSignal Pending = new("pending", "% of the most", new(75, 40), null, null);

    /// <summary>The process's memory, of what its container or machine has.</summary>
    public static readonly PressureSignal Memory = new("memory", "% of the limit", new(70, 62), new(82, 75), new(92, 85));

    /// <summary>How long work waits for a thread: what every probe of the last second had to wait.</summary>
    public static readonly PressureSignal Threads = new("threads", "ms", new(100, 50), new(1_000, 400), new(5_000, 1_000));

    /// <summary>All of them, in the order of <see cref="PressureMonitor.Sample"/>.</summary>
    public static readonly IReadOnlyList<PressureSignal> All = [Spool, DiskFree, Inodes, Queue, UnderWay, Commit, Pending, Memory, Threads];
}
