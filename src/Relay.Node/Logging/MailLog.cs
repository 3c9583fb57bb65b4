using System.Collections.Immutable;
using System.Globalization;
using Relay.Actors.Logging;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Serilog.Events;
using Serilog.Parsing;

namespace Relay.Node.Logging;

/// <summary>Writes the mail log: one line of <c>key=value</c> for each fate, the message's id first.</summary>
/// <remarks>Lines are made here and handed over whole: taken apart into properties and put together again they cost an eighth of a node's CPU.</remarks>
internal sealed class MailLog : IMailLog
{
    private readonly Serilog.ILogger _logger;
    private readonly TimeProvider _time;

    public MailLog(Serilog.ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _time = time;
    }

    public void Accepted(MessageId id, StoredMessage message, long size, string? tls)
    {
        if (_logger.IsEnabled(LogEventLevel.Information))
        {
            var (envelope, origin) = (message.Envelope, message.Origin);
            Write(LogEventLevel.Information, string.Create(CultureInfo.InvariantCulture,
                $"{id} accepted from=<{LogText.Address(envelope.Sender.Text)}> recipients={envelope.Recipients.Count} size={size} client={origin.Address} helo=\"{LogText.Safe(origin.HeloName)}\" listener={origin.Listener} tls=\"{tls ?? "none"}\"{(origin.User is { } user ? $" user={user}" : "")}"));
        }
    }

    public void Attempted(
        DeliveryItem item, ImmutableArray<string> addresses, ImmutableArray<RecipientOutcome> outcomes, AttemptFacts facts, TimeSpan age)
    {
        // Seconds before the queue, in it, until greeted, and from MAIL to the last reply, as Postfix shows them.
        var queued = age - facts.Connect - facts.Transmit;
        var (reception, connect, transmit) = (new LogSeconds(facts.Reception), new LogSeconds(facts.Connect), new LogSeconds(facts.Transmit));
        var waited = new LogSeconds(queued > TimeSpan.Zero ? queued : TimeSpan.Zero);
        var (from, tls) = (From(facts), facts.Tls ?? "none");
        for (var i = 0; i < outcomes.Length; i++)
        {
            var outcome = outcomes[i];
            var level = outcome.Kind == OutcomeKind.Delivered ? LogEventLevel.Information : LogEventLevel.Warning;
            if (_logger.IsEnabled(level))
            {
                Write(level, string.Create(CultureInfo.InvariantCulture,
                    $"{item.Id} {NameOf(outcome.Kind)}{from} to=<{LogText.Address(addresses[i])}> destination={item.Destination.Name} next-hop={facts.NextHop ?? "none"} age={new LogSeconds(age)}s delays={reception}/{waited}/{connect}/{transmit} tls=\"{tls}\" stage={outcome.Stage} reply=\"{LogText.Safe(outcome.Reply.ToString())}\""));
            }
        }
    }

    public void Happened(MessageId id, string kind, ImmutableArray<string> addresses, string? reason)
    {
        if (!_logger.IsEnabled(LogEventLevel.Information))
        {
            return;
        }

        var tail = string.IsNullOrEmpty(reason) ? "" : $" reason=\"{LogText.Safe(reason)}\"";
        if (addresses.IsEmpty)
        {
            Write(LogEventLevel.Information, $"{id} {kind}{tail}");
        }

        foreach (var address in addresses)
        {
            Write(LogEventLevel.Information, $"{id} {kind} to=<{LogText.Address(address)}>{tail}");
        }
    }

    // Where no message was looked at its sender is not known; the line of its acceptance has it.
    private static string From(AttemptFacts facts) => facts.Sender is { } sender ? $" from=<{LogText.Address(sender)}>" : string.Empty;

    private static string NameOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Delivered => "delivered",
        OutcomeKind.Deferred => "deferred",
        _ => "bounced",
    };

    private void Write(LogEventLevel level, string line) =>
        _logger.Write(new LogEvent(_time.GetLocalNow(), level, exception: null, new MessageTemplate(line, [new TextToken(line)]), []));
}
