using Relay.Actors.Queues;
using Relay.Messages.Ids;
using Relay.Node.Settings;
using Relay.Spool;
using Relay.Spool.Disks;

namespace Relay.Node.Composition;

/// <summary>Opens the spool of a node, and says in the log what was found in it and how its disk does from then on.</summary>
internal sealed partial class SpoolOpening
{
    private readonly NodeSettings _settings;
    private readonly IDisk _disk;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action _onDefect;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="settings">Where it is and how large it may be.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes the lines.</param>
    /// <param name="onDefect">Called when a mistake of the program, and not of the disk, has ended the spool; on the spool's thread.</param>
    public SpoolOpening(NodeSettings settings, IDisk disk, TimeProvider time, ILogger<SpoolOpening> log, Action onDefect)
    {
        _settings = settings;
        _disk = disk;
        _time = time;
        _log = log;
        _onDefect = onDefect;
    }

    /// <summary>What the spool is to be: the settings, clamped to what the disk can hold, and never so low that mail which is there cannot leave.</summary>
    public SpoolSettings Settings()
    {
        var directory = Path.Combine(_settings.Node.DataDirectory, "spool");
        var quota = SpoolSettings.QuotaBytesFor(_settings.Spool.QuotaBytes, _disk, directory);
        if (quota < _settings.Spool.QuotaBytes)
        {
            LogQuotaClamped(_settings.Spool.QuotaBytes, quota, directory);
        }

        return new SpoolSettings { Directory = directory, QuotaBytes = quota };
    }

    /// <summary>Opens it, and hands every message in it to the queue.</summary>
    /// <param name="settings">What <see cref="Settings"/> gave.</param>
    /// <param name="queue">Takes the messages.</param>
    /// <exception cref="SpoolException">It cannot be opened.</exception>
    /// <param name="interrupted">What was in flight when the process before this one died.</param>
    public SpoolStore Open(SpoolSettings settings, QueueResources queue, IReadOnlySet<MessageId> interrupted)
    {
        var unreadable = 0;
        var spool = SpoolStore.Open(
            settings,
            _disk,
            _time,
            entry =>
            {
                try
                {
                    queue.Restore(entry);
                }
                catch (InvalidDataException e)
                {
                    // Kept on disk and said aloud: it can be neither delivered nor shown, but it is not lost.
                    unreadable++;
                    LogUnreadable(entry.Id, e);
                }
            },
            OnHealth);
        queue.Restored(interrupted);
        foreach (var damage in spool.Recovery.Quarantined)
        {
            LogQuarantined(damage.File, damage.Offset, damage.Length, damage.Id?.ToString() ?? "one that cannot be told", damage.Reason);
        }

        LogReplayed(
            spool.Recovery.Entries,
            unreadable,
            spool.Recovery.Quarantined.Count,
            spool.Recovery.Segments,
            spool.Recovery.Duration.TotalMilliseconds);
        return spool;
    }

    private void OnHealth(SpoolFault? fault)
    {
        if (fault is null)
        {
            LogSpoolWritable();
        }
        else if (fault.Defect is { } defect)
        {
            LogSpoolDefect(defect);
            _onDefect();
        }
        else
        {
            LogSpoolFault(fault.File, fault.Reason);
        }
    }

    [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message =
        "spool replayed: {Entries} messages, {Unreadable} unreadable, {Damages} damaged places, {Segments} segments in {Milliseconds:F0} ms")]
    private partial void LogReplayed(int entries, int unreadable, int damages, int segments, double milliseconds);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "spool entry {Entry} cannot be read; it stays on disk")]
    private partial void LogUnreadable(EntryId entry, Exception cause);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message =
        "spool damage quarantined: {File} at {Offset}, {Length} octets, of message {Entry}: {Reason}")]
    private partial void LogQuarantined(string file, long offset, long length, string entry, string reason);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message =
        "Spool:QuotaBytes is {Wanted}, but {Directory} has room for {Quota} only")]
    private partial void LogQuotaClamped(long wanted, long quota, string directory);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Error, Message = "spool: {File} failed: {Reason}")]
    private partial void LogSpoolFault(string file, string reason);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Critical, Message =
        "spool: a defect of the program; the node stops, and what is queued is delivered when it is started again")]
    private partial void LogSpoolDefect(Exception defect);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "spool: can be written again")]
    private partial void LogSpoolWritable();
}
