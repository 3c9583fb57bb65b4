using System.Net;
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
    private readonly LineBudget _serverLines;

    public DnsTroubleLog(ILogger log, TimeProvider time)
    {
        _log = log;
        _lines = new LineBudget(LinesMax, LineInterval, time, LogSilent);
        _serverLines = new LineBudget(LinesMax, LineInterval, time, LogServerSilent);
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

    /// <summary>A name server failed where another one answered the same question: it may be the cause of what is slow.</summary>
    /// <param name="server">The one that failed.</param>
    /// <param name="cause">How.</param>
    public void AddServer(IPEndPoint server, string cause)
    {
        if (_serverLines.TryTake())
        {
            LogServer(server, LogText.Safe(cause));
        }
    }

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "dns: the name server {Server} failed where another one answered: {Cause:l}")]
    private partial void LogServer(IPEndPoint server, string cause);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "dns: name servers failed {Count} more times where another one answered")]
    private partial void LogServerSilent(long count);

    [LoggerMessage(EventId = 3200, Level = LogLevel.Warning, Message = "dns: no answer for {Name} {Type}: {Cause}")]
    private partial void LogTrouble(string name, string type, string cause);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "dns: {Count} more questions had no answer")]
    private partial void LogSilent(long count);
}
