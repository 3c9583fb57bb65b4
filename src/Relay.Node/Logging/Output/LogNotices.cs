using Relay.Node.Cluster;

namespace Relay.Node.Logging.Output;

/// <summary>A log that loses lines. Mail goes on.</summary>
internal sealed class LogNotices : IHealthNotices
{
    private readonly NodeLogs _logs;

    public LogNotices(NodeLogs logs) => _logs = logs;

    public IEnumerable<string> Notices => _logs.Queues
        .Where(static queue => queue.Trouble is not null)
        .Select(static queue => $"the log {queue.Name} loses lines: {queue.Trouble}");
}
