using Relay.Messages.Queues;

namespace Relay.Actors.Queues;

/// <summary>Answers an operator's questions from the index.</summary>
internal static class QueueViews
{
    /// <summary>Most messages that one answer lists.</summary>
    public const int ListMax = 10_000;

    public static QueueMessages.QueueListed List(IEnumerable<QueuedMessage> messages, QueueMessages.ListMessages query)
    {
        var matches = new List<QueuedMessage>();
        foreach (var message in messages)
        {
            if (Matches(message, query))
            {
                matches.Add(message);
            }
        }

        matches.Sort(static (a, b) => a.AcceptedAt != b.AcceptedAt ? a.AcceptedAt.CompareTo(b.AcceptedAt) : a.Id.CompareTo(b.Id));
        var shown = Math.Clamp(query.Limit, 0, Math.Min(ListMax, matches.Count));
        return new QueueMessages.QueueListed([.. matches[..shown].ConvertAll(View)], matches.Count);
    }

    public static QueueMessages.QueuedMessageView View(QueuedMessage message) =>
        new(message.Id, message.Sender, message.Size, message.AcceptedAt, [.. Array.ConvertAll(message.Recipients, View)]);

    private static QueueMessages.QueuedRecipientView View(QueuedRecipient recipient) =>
        new(recipient.Address, recipient.Backlog.Key.Name, recipient.Progress, recipient.InFlight);

    private static bool Matches(QueuedMessage message, QueueMessages.ListMessages query) =>
        (query.Sender is null || string.Equals(message.Sender, query.Sender, StringComparison.OrdinalIgnoreCase))
        && (query.Recipient is null
            || Array.Exists(message.Recipients, r => string.Equals(r.Address, query.Recipient, StringComparison.OrdinalIgnoreCase)))
        && (query.Domain is null || Array.Exists(message.Recipients, r => IsIn(r.Address, query.Domain)));

    private static bool IsIn(string address, string domain)
    {
        var at = address.LastIndexOf('@');
        return at >= 0 && address.AsSpan(at + 1).Equals(domain, StringComparison.OrdinalIgnoreCase);
    }
}
