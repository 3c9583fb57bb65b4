using System.Net;
using Relay.Messages.Ids;
using Relay.Smtp.Replies;

namespace Relay.Node.Logging;

/// <summary>The log of refusals and of trouble in conversations with clients. Event ids 2000 to 2099; the next free one is 2006.</summary>
internal sealed partial class SessionLog
{
    /// <summary>Refusals written for one connection; the rest are counted and written as one line at its end.</summary>
    public const int RefusalsLoggedMax = 10;

    private readonly ILogger<SessionLog> _logger;

    public SessionLog(ILogger<SessionLog> logger)
    {
        _logger = logger;
    }

    public void Refused(IPAddress client, string? helo, string sender, string? recipient, SmtpReply reply, string listener, string rule)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            WriteRefused(
                client, LogText.Safe(helo), LogText.Address(sender), LogText.Address(recipient), LogText.Safe(reply.ToString()), listener, rule);
        }
    }

    [LoggerMessage(EventId = 2000, Level = LogLevel.Information, Message =
        "refused client={Client} helo=\"{Helo}\" from=<{Sender}> to=<{Recipient}> reply=\"{Reply}\" listener={Listener} rule={Rule}")]
    private partial void WriteRefused(
        IPAddress client, string helo, string sender, string recipient, string reply, string listener, string rule);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "{Count} more refusals of client={Client} are not written")]
    public partial void RefusalsNotLogged(IPAddress client, int count);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "{MessageId} could not be stored: {Cause}")]
    public partial void NotStored(MessageId messageId, string cause);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "no decision on a mail of client={Client}: {Cause}")]
    public partial void NoDecision(IPAddress client, string cause);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "refused connections={Count} limit=\"{Limit:l}\" last-client={Client}")]
    public partial void ConnectionsRefused(long count, string limit, IPAddress client);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error, Message = "the connection of client={Client} failed")]
    public partial void ConnectionFailed(IPAddress client, Exception cause);
}
