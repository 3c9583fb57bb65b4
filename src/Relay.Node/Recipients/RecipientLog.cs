using Relay.Node.Logging;

namespace Relay.Node.Recipients;

/// <summary>The log of lists of recipients and of questions to next hops. Event ids 3300 to 3399; the next free one is 3305. Thread-safe.</summary>
/// <remarks>Strangers choose who is asked for, so of troubles the first ones of each minute have a line, the rest are a number.</remarks>
internal sealed partial class RecipientLog
{
    /// <summary>Lines about trouble in one <see cref="LineInterval"/>. Default 10.</summary>
    public const int LinesMax = 10;

    /// <summary>How long these lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger _log;
    private readonly LineBudget _lines;

    public RecipientLog(ILogger<RecipientLog> log, TimeProvider time)
    {
        _log = log;
        _lines = new LineBudget(LinesMax, LineInterval, time, WriteSilent);
    }

    [LoggerMessage(EventId = 3300, Level = LogLevel.Information, Message = "recipients: {File} has changed and names {Count} now")]
    public partial void ListRead(string file, int count);

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "recipients: {Problem:l}; the list of before with {Count} stays in force")]
    public partial void ListKept(string problem, int count);

    /// <summary>A next hop did not tell whether a recipient exists.</summary>
    /// <param name="hop">Who was asked, or the domain whose next hop is not found.</param>
    /// <param name="cause">Why, perhaps in a stranger's words.</param>
    public void Trouble(string hop, string cause)
    {
        if (_lines.TryTake())
        {
            WriteTrouble(hop, LogText.Safe(cause));
        }
    }

    [LoggerMessage(EventId = 3304, Level = LogLevel.Error, Message = "recipients: a question to {Hop:l} failed")]
    public partial void Defect(string hop, Exception cause);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Warning, Message = "recipients: {Hop:l} did not tell whether one exists: {Cause:l}")]
    private partial void WriteTrouble(string hop, string cause);

    [LoggerMessage(EventId = 3303, Level = LogLevel.Warning, Message = "recipients: {Count} more questions had no answer")]
    private partial void WriteSilent(long count);
}
