using Relay.Messages.Queues;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin;

/// <summary>Makes the API's shapes from the queue's views.</summary>
internal static class QueueJson
{
    public static QueueAnswer Of(QueueMessages.QueueListed listed) => new([.. listed.Messages.Select(Of)], listed.Total);

    public static QueuedMessage Of(QueueMessages.QueuedMessageView message) => new(
        message.Id.ToString(), message.Sender, [.. message.Recipients.Select(Of)], message.Size, message.ArrivedAt, message.State);

    private static QueuedRecipient Of(QueueMessages.QueuedRecipientView recipient) => new(
        recipient.Address,
        recipient.State,
        recipient.Destination,
        recipient.Progress.Attempts,
        recipient.NextAttempt,
        recipient.Progress.Last?.Stage.ToString(),
        recipient.Progress.Last?.Reply.ToString());
}
