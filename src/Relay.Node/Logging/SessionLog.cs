using System.Net;
using Relay.Messages.Ids;
using Relay.Node.Logging.Refusals;

namespace Relay.Node.Logging;

/// <summary>The log of refusals and of trouble in conversations with clients. Event ids 2000 to 2099; the next free one is 2010.</summary>
/// <remarks>Whatever a client can bring about again and again has so many lines a minute, and a number for the rest.</remarks>
internal sealed partial class SessionLog
{
    /// <summary>Lines about each kind of trouble of ours in one <see cref="LineInterval"/>. Default 10; the rest are a number.</summary>
    public const int LinesMax = 10;

    /// <summary>How long these lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger<SessionLog> _logger;
    private readonly LineBudget _notStored;
    private readonly LineBudget _noDecisions;
    private readonly LineBudget _failures;

    public SessionLog(ILogger<SessionLog> logger, TimeProvider time)
    {
        _logger = logger;
        _notStored = new LineBudget(LinesMax, LineInterval, time, WriteNotStoredMore);
        _noDecisions = new LineBudget(LinesMax, LineInterval, time, WriteNoDecisionMore);
        _failures = new LineBudget(LinesMax, LineInterval, time, WriteFailedMore);
    }

    /// <summary>One refusal.</summary>
    public void Refused(in RefusalFacts refusal)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            WriteRefused(
                refusal.Client,
                refusal.Helo is { } helo ? $" helo=\"{LogText.Safe(helo)}\"" : "",
                Address("from", refusal.Sender),
                Address("to", refusal.Recipient),
                LogText.Safe(refusal.Reply.ToString()),
                refusal.Listener,
                refusal.Tls ?? "none",
                UserOf(refusal),
                refusal.Rule);
        }
    }

    /// <summary>Refusals of one client by one rule, beyond those that were told one by one.</summary>
    public void RefusedMore(in RefusalSum sum)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            var last = sum.Last;
            WriteRefusedMore(sum.Count, last.Client, Address("last-to", last.Recipient), LogText.Safe(last.Reply.ToString()), last.Listener, last.Rule);
        }
    }

    /// <summary>Refusals that are told with nobody's name but the last one's.</summary>
    public void RefusedRest(in RefusalSum rest)
    {
        var last = rest.Last;
        WriteRefusedRest(rest.Count, last.Client, Address("last-to", last.Recipient), LogText.Safe(last.Reply.ToString()), last.Listener, last.Rule);
    }

    /// <summary>A message could not be kept.</summary>
    public void NotStored(MessageId messageId, string cause)
    {
        if (_notStored.TryTake())
        {
            WriteNotStored(messageId, cause);
        }
    }

    /// <summary>The session of a mail did not say whether it may begin.</summary>
    public void NoDecision(IPAddress client, string cause)
    {
        if (_noDecisions.TryTake())
        {
            WriteNoDecision(client, cause);
        }
    }

    /// <summary>A defect of ours ended a conversation.</summary>
    public void ConnectionFailed(IPAddress client, Exception cause)
    {
        if (_failures.TryTake())
        {
            WriteFailed(client, cause);
        }
    }

    private static string UserOf(in RefusalFacts refusal)
    {
        var user = refusal.User is { } name ? $" user=\"{LogText.Safe(name)}\"" : "";
        return refusal.Mechanism is { } mechanism ? $"{user} mechanism={mechanism}" : user;
    }

    // What is not known has no field: <> is the null path, and no recipient.
    private static string Address(string field, string? address) => address is null ? "" : $" {field}=<{LogText.Address(address)}>";

    [LoggerMessage(EventId = 2000, Level = LogLevel.Information, Message =
        "refused client={Client}{Helo:l}{Sender:l}{Recipient:l} reply=\"{Reply}\" listener={Listener} tls=\"{Tls:l}\"{User:l} rule={Rule}")]
    private partial void WriteRefused(
        IPAddress client, string helo, string sender, string recipient, string reply, string listener, string tls, string user, string rule);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message =
        "refused more={Count} client={Client}{Recipient:l} last-reply=\"{Reply}\" listener={Listener} rule={Rule}")]
    private partial void WriteRefusedMore(long count, IPAddress client, string recipient, string reply, string listener, string rule);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Warning, Message =
        "refused others={Count} last-client={Client}{Recipient:l} last-reply=\"{Reply}\" last-listener={Listener} last-rule={Rule}")]
    private partial void WriteRefusedRest(long count, IPAddress client, string recipient, string reply, string listener, string rule);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "{MessageId} could not be stored: {Cause}")]
    private partial void WriteNotStored(MessageId messageId, string cause);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "no decision on a mail of client={Client}: {Cause}")]
    private partial void WriteNoDecision(IPAddress client, string cause);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "refused connections={Count} limit=\"{Limit:l}\" last-client={Client}")]
    public partial void ConnectionsRefused(long count, string limit, IPAddress client);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error, Message = "the connection of client={Client} failed")]
    private partial void WriteFailed(IPAddress client, Exception cause);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "{Count} more messages could not be stored")]
    private partial void WriteNotStoredMore(long count);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Error, Message = "no decision on {Count} more mails")]
    private partial void WriteNoDecisionMore(long count);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Error, Message = "{Count} more connections failed")]
    private partial void WriteFailedMore(long count);
}
