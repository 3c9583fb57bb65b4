using System.Collections.Immutable;
using System.Net;
using Relay.Actors.Logging;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;

namespace Relay.Node.Logging;

/// <summary>Writes the mail log. Event ids 1000 to 1099; the next free one is 1004.</summary>
internal sealed partial class MailLog : IMailLog
{
    private readonly ILogger<MailLog> _logger;

    public MailLog(ILogger<MailLog> logger)
    {
        _logger = logger;
    }

    public void Accepted(MessageId id, StoredMessage message, long size)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            var (envelope, origin) = (message.Envelope, message.Origin);
            WriteAccepted(
                id, LogText.Safe(envelope.Sender.Text), envelope.Recipients.Count, size, origin.Address, LogText.Safe(origin.HeloName), origin.Listener);
        }
    }

    public void Attempted(
        DeliveryItem item, ImmutableArray<string> addresses, ImmutableArray<RecipientOutcome> outcomes, string? nextHop, TimeSpan age)
    {
        for (var i = 0; i < outcomes.Length; i++)
        {
            var outcome = outcomes[i];
            var level = outcome.Kind == OutcomeKind.Delivered ? LogLevel.Information : LogLevel.Warning;
            if (!_logger.IsEnabled(level))
            {
                continue;
            }

            var (to, reply) = (LogText.Safe(addresses[i]), LogText.Safe(outcome.Reply.ToString()));
            var (hop, seconds) = (nextHop ?? "none", Math.Round(age.TotalSeconds, 3));
            switch (outcome.Kind)
            {
                case OutcomeKind.Delivered:
                    WriteDelivered(item.Id, to, item.Destination.Name, hop, seconds, reply);
                    break;
                case OutcomeKind.Deferred:
                    WriteDeferred(item.Id, to, item.Destination.Name, hop, seconds, outcome.Stage, reply);
                    break;
                default:
                    WriteBounced(item.Id, to, item.Destination.Name, hop, seconds, outcome.Stage, reply);
                    break;
            }
        }
    }

    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message =
        "{MessageId} accepted from=<{Sender}> recipients={Recipients} size={Size} client={Client} helo=\"{Helo}\" listener={Listener}")]
    private partial void WriteAccepted(
        MessageId messageId, string sender, int recipients, long size, IPAddress client, string helo, string listener);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message =
        "{MessageId} delivered to=<{Recipient}> destination={Destination} next-hop={NextHop} age={Seconds}s reply=\"{Reply}\"")]
    private partial void WriteDelivered(
        MessageId messageId, string recipient, string destination, string nextHop, double seconds, string reply);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message =
        "{MessageId} deferred to=<{Recipient}> destination={Destination} next-hop={NextHop} age={Seconds}s stage={Stage} reply=\"{Reply}\"")]
    private partial void WriteDeferred(
        MessageId messageId, string recipient, string destination, string nextHop, double seconds, ClientStage stage, string reply);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message =
        "{MessageId} bounced to=<{Recipient}> destination={Destination} next-hop={NextHop} age={Seconds}s stage={Stage} reply=\"{Reply}\"")]
    private partial void WriteBounced(
        MessageId messageId, string recipient, string destination, string nextHop, double seconds, ClientStage stage, string reply);
}
