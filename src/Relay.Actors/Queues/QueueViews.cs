using Relay.Messages.Queues;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>Answers an operator's questions from the index.</summary>
internal static class QueueViews
{
    /// <summary>Most messages that one answer lists.</summary>
    public const int ListMax = 10_000;

    // The state that asks most for attention names the message's.
    private static readonly string[] StatesByWeight = ["active", "deferred", "queued", "failed", "delivered"];

    public static QueueMessages.QueueListed List(IEnumerable<QueuedMessage> messages, QueueMessages.ListMessages query)
    {
        var matches = new List<QueuedMessage>();
        foreach (var message in messages)
        {
            if (Matches(message, query.Selection))
            {
                matches.Add(message);
            }
        }

        matches.Sort(static (a, b) => a.AcceptedAt != b.AcceptedAt ? a.AcceptedAt.CompareTo(b.AcceptedAt) : a.Id.CompareTo(b.Id));
        var shown = Math.Clamp(query.Limit, 0, Math.Min(ListMax, matches.Count));
        return new QueueMessages.QueueListed([.. matches[..shown].ConvertAll(View)], matches.Count);
    }

    public static QueueMessages.QueuedMessageView View(QueuedMessage message)
    {
        var recipients = Array.ConvertAll(message.Recipients, View);
        var state = Array.Find(StatesByWeight, name => Array.Exists(recipients, recipient => recipient.State == name))!;
        return new(message.Id, message.Sender, message.Size, message.AcceptedAt, DateTimeOffset.MaxValue, state, null, [.. recipients]);
    }

    private static QueueMessages.QueuedRecipientView View(QueuedRecipient recipient)
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
        return new(recipient.Address, state, recipient.Backlog.Key.Name, progress, state == "deferred" ? progress.Due : null);
    }

    private static bool Matches(QueuedMessage message, QueueSelection query) =>
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
