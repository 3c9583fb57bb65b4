using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin;

/// <summary>Makes the API's shapes from the queue's views.</summary>
internal static class QueueJson
{
    // The state that asks most for attention names the message's.
    private static readonly string[] StatesByWeight = ["active", "deferred", "queued", "failed", "delivered"];

    public static QueueAnswer Of(QueueMessages.QueueListed listed) => new([.. listed.Messages.Select(Of)], listed.Total);

    public static QueuedMessage Of(QueueMessages.QueuedMessageView message)
    {
        QueuedRecipient[] recipients = [.. message.Recipients.Select(Of)];
        var state = Array.Find(StatesByWeight, name => Array.Exists(recipients, recipient => recipient.State == name));
        return new QueuedMessage(message.Id.ToString(), message.Sender, recipients, message.Size, message.ArrivedAt, state!);
    }

    private static QueuedRecipient Of(QueueMessages.QueuedRecipientView recipient)
    {
        var progress = recipient.Progress;
        var state = (progress.State, recipient.InFlight, progress.Attempts) switch
        {
            (RecipientState.Delivered, _, _) => "delivered",
            (RecipientState.Failed, _, _) => "failed",
            (_, true, _) => "active",
            (_, _, 0) => "queued",
            _ => "deferred",
        };
        DateTimeOffset? next = state == "deferred" ? progress.Due : null;
        return new QueuedRecipient(
            recipient.Address,
            state,
            recipient.Destination,
            progress.Attempts,
            next,
            progress.Last?.Stage.ToString(),
            progress.Last?.Reply.ToString());
    }
}
