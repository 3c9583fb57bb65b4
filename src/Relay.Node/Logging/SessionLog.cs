using System.Net;
using Relay.Messages.Ids;
using Relay.Node.Logging.Refusals;

namespace Relay.Node.Logging;

/// <summary>The log of refusals and of trouble in conversations with clients. Event ids 2000 to 2099; the next free one is 2007.</summary>
internal sealed partial class SessionLog
{
    private readonly ILogger<SessionLog> _logger;

    public SessionLog(ILogger<SessionLog> logger)
    {
        _logger = logger;
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
                refusal.User is { } user ? $" user=\"{LogText.Safe(user)}\"" : "",
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
    public partial void NotStored(MessageId messageId, string cause);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "no decision on a mail of client={Client}: {Cause}")]
    public partial void NoDecision(IPAddress client, string cause);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "refused connections={Count} limit=\"{Limit:l}\" last-client={Client}")]
    public partial void ConnectionsRefused(long count, string limit, IPAddress client);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error, Message = "the connection of client={Client} failed")]
    public partial void ConnectionFailed(IPAddress client, Exception cause);
}
