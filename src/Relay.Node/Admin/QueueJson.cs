using Relay.Messages.Queues;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin;

/// <summary>Makes the API's shapes from the queue's views.</summary>
internal static class QueueJson
{
    public static QueueAnswer Of(QueueMessages.QueueListed listed) => new([.. listed.Messages.Select(Of)], listed.Total);

    public static QueuedMessage Of(QueueMessages.QueuedMessageView message) => new(
        message.Id.ToString(), message.Sender, [.. message.Recipients.Select(Of)], message.Size, message.ArrivedAt, message.State)
    {
        Expires = message.ExpiresAt == DateTimeOffset.MaxValue ? null : message.ExpiresAt,
        HoldReason = message.HoldReason,
    };

    public static SummaryAnswer Of(QueueMessages.Summarized summary) => new(
        summary.Messages,
        summary.Bytes,
        summary.States,
        [.. summary.Destinations.Select(Of)],
        [.. summary.Domains.Select(Of)],
        [.. summary.Senders.Select(Of)]);

    /// <summary>An action as paths and answers name it.</summary>
    public static string NameOf(QueueAction action) => action.ToString().ToLowerInvariant();

    private static SummaryRow Of(QueueMessages.SummaryRow row) => new(row.Name, row.Messages, row.Bytes, row.Oldest);

    private static QueuedRecipient Of(QueueMessages.QueuedRecipientView recipient) => new(
        recipient.Address,
        recipient.State,
        recipient.Destination,
        recipient.Progress.Attempts,
        recipient.NextAttempt,
        recipient.Progress.Last?.Stage.ToString(),
        recipient.Progress.Last?.Reply.ToString())
    {
        Then = recipient.Then is { } action ? NameOf(action) : null,
    };
}
