using System.Net;
using Relay.Node.Logging;
using Relay.Policy.Penalties;
using Relay.Policy.Values;

namespace Relay.Node.Penalties;

/// <summary>The log of penalties. Event ids 2300 to 2399; the next free one is 2302. Thread-safe.</summary>
/// <remarks>Strangers choose when they come, so the first ones of each minute have a line, the rest are a number.</remarks>
internal sealed partial class PenaltyLog
{
    /// <summary>Lines in one <see cref="LineInterval"/>. Default 100.</summary>
    public const int LinesMax = 100;

    /// <summary>How long these lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger _log;
    private readonly LineBudget _lines;

    public PenaltyLog(ILogger<PenaltyLog> log, TimeProvider time)
    {
        _log = log;
        _lines = new LineBudget(LinesMax, LineInterval, time, WriteMore);
    }

    /// <summary>A client is cut off.</summary>
    public void Began(IPAddress client, TimeSpan length, PenaltyRules rules, Offence last)
    {
        if (_lines.TryTake())
        {
            WriteBegan(client, new Duration(length).ToString(), rules.Refusals, new Duration(rules.Per).ToString(), Offences.NameOf(last));
        }
    }

    [LoggerMessage(EventId = 2300, Level = LogLevel.Warning, Message = "penalty client={Client} for={Length:l} refusals={Refusals} per={Per:l} last=\"{Last:l}\"")]
    private partial void WriteBegan(IPAddress client, string length, int refusals, string per, string last);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "penalty others={Count}")]
    private partial void WriteMore(long count);
}
