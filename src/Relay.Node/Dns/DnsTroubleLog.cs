using Relay.Node.Logging;

namespace Relay.Node.Dns;

/// <summary>Writes why questions to name servers failed: the first ones of each minute, the rest as a number. Thread-safe.</summary>
internal sealed partial class DnsTroubleLog
{
    /// <summary>Lines written in one <see cref="LineInterval"/>. Default 10.</summary>
    public const int LinesMax = 10;

    /// <summary>How long the lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger _log;
    private readonly LineBudget _lines;

    public DnsTroubleLog(ILogger log, TimeProvider time)
    {
        _log = log;
        _lines = new LineBudget(LinesMax, LineInterval, time, LogSilent);
    }

    /// <summary>A question failed.</summary>
    /// <param name="name">The name that was asked for.</param>
    /// <param name="type">The records that were asked for.</param>
    /// <param name="cause">Why there is no answer.</param>
    public void Add(string name, QueryType type, string cause)
    {
        if (_lines.TryTake())
        {
            // The name is a stranger's, and so may be what is quoted of an answer.
            LogTrouble(LogText.Safe(name), type.ToString(), LogText.Safe(cause));
        }
    }

    [LoggerMessage(EventId = 3200, Level = LogLevel.Warning, Message = "dns: no answer for {Name} {Type}: {Cause}")]
    private partial void LogTrouble(string name, string type, string cause);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "dns: {Count} more questions had no answer")]
    private partial void LogSilent(long count);
}
