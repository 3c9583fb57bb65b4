using DnsClient;

namespace Relay.Node.Dns;

/// <summary>Writes why questions to name servers failed: the first ones of each minute, the rest as a number. Thread-safe.</summary>
internal sealed partial class DnsTroubleLog
{
    /// <summary>Lines written in one <see cref="LineInterval"/>. Default 10.</summary>
    public const int LinesMax = 10;

    /// <summary>How long the lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _since;
    private int _written;
    private long _silent;

    public DnsTroubleLog(ILogger log, TimeProvider time)
    {
        _log = log;
        _time = time;
    }

    /// <summary>A question failed.</summary>
    /// <param name="name">The name that was asked for.</param>
    /// <param name="type">The records that were asked for.</param>
    /// <param name="cause">Why there is no answer.</param>
    public void Add(string name, QueryType type, string cause)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_since is not { } since || _time.GetElapsedTime(since, now) >= LineInterval)
            {
                if (_silent > 0)
                {
                    LogSilent(_silent);
                }

                (_since, _written, _silent) = (now, 0, 0);
            }

            if (_written == LinesMax)
            {
                _silent++;
                return;
            }

            _written++;
        }

        LogTrouble(name, type.ToString(), cause);
    }

    [LoggerMessage(EventId = 3200, Level = LogLevel.Warning, Message = "dns: no answer for {Name} {Type}: {Cause}")]
    private partial void LogTrouble(string name, string type, string cause);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "dns: {Count} more questions had no answer")]
    private partial void LogSilent(long count);
}
