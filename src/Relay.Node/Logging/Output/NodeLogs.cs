using Relay.Node.Authentication;
using Relay.Node.Penalties;
using Relay.Node.Settings;
using Relay.Spool.Disks;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Relay.Node.Logging.Output;

/// <summary>The logs of a node: standard output, or <c>mail.log</c> and <c>node.log</c> in a folder.</summary>
/// <remarks>What becomes of mail and of clients can be much; it has files of its own, so that it does not push out what the node says of itself.</remarks>
internal sealed class NodeLogs : IDisposable
{
    /// <summary>One part in so many of <see cref="LogSection.QuotaBytes"/> is for <c>node.log</c>, the rest for <c>mail.log</c>.</summary>
    public const int NodeLogPart = 8;

    private static readonly string[] MailSources = [typeof(SessionLog).FullName!, typeof(PenaltyLog).FullName!, typeof(LoginLog).FullName!];

    private NodeLogs(params LogQueue[] queues) => Queues = queues;

    /// <summary>One for everything, or first that of mail and then that of the node.</summary>
    public IReadOnlyList<LogQueue> Queues { get; }

    /// <summary>Begins to write, to the folder of the settings or else to standard output.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing may be written there.</exception>
    public static NodeLogs Open(LogSection settings, TimeProvider time)
    {
        if (settings.Directory is not { } folder)
        {
            return new NodeLogs(new LogQueue("stdout", new LogStream(Console.OpenStandardOutput()), time));
        }

        Prepare(folder);
        var node = settings.QuotaBytes / NodeLogPart;
        return new NodeLogs(
            new LogQueue("mail", new LogFile(Path.Combine(folder, "mail.log"), settings.QuotaBytes - node), time),
            new LogQueue("node", new LogFile(Path.Combine(folder, "node.log"), node), time));
    }

    /// <summary>Sends a logger's lines here.</summary>
    public LoggerConfiguration AddTo(LoggerConfiguration log)
    {
        if (Queues is [var all])
        {
            return log.WriteTo.Sink(all);
        }

        return log
            .WriteTo.Conditional(IsOfMail, to => to.Sink(Queues[0]))
            .WriteTo.Conditional(static line => !IsOfMail(line), to => to.Sink(Queues[1]));
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        foreach (var queue in Queues)
        {
            queue.Dispose();
        }
    }

    /// <summary>Is a line about a message or a client? Errors are about the node, whatever they name.</summary>
    public static bool IsOfMail(LogEvent line) =>
        line.Level < LogEventLevel.Error
        && (!line.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source)
            || (source is ScalarValue { Value: string name } && MailSources.Contains(name, StringComparer.Ordinal)));

    // A folder that may not be written is a wrong setting, a disk without room is not.
    private static void Prepare(string folder)
    {
        new FileDisk().CreateDirectory(folder);
        try
        {
            using var probe = new FileStream(
                Path.Combine(folder, $".{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            // The queues say so as long as it lasts, and mail goes on.
        }
    }
}
