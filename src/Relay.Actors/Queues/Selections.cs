using Relay.Messages.Queues;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>Which messages and recipients an operator means, and the names of their states. Pure.</summary>
internal static class Selections
{
    // The state that asks most for attention names the message's.
    private static readonly string[] StatesByWeight = ["held", "active", "deferred", "queued", "bouncing", "failed", "reporting", "delivered", "bounced", "removed"];

    /// <summary>The state of a message, by the name that operators see.</summary>
    public static string StateOf(QueuedMessage message)
    {
        if (message.Recipients.Length == 1)
        {
            return StateOf(message, message.Recipients[0]);
        }

        var weight = message.Recipients.Min(recipient => Array.IndexOf(StatesByWeight, StateOf(message, recipient)));
        return StatesByWeight[weight];
    }

    /// <summary>The state of a recipient, by the name that operators see.</summary>
    public static string StateOf(QueuedMessage message, QueuedRecipient recipient) => recipient.Progress.State switch
    {
        RecipientState.Waiting when recipient.InFlight => "active",
        RecipientState.Waiting when message.IsHeld => "held",
        RecipientState.Waiting => IsDeferred(recipient) ? "deferred" : "queued",
        RecipientState.Delivered => "delivered",
        RecipientState.Failed => "failed",
        RecipientState.Bouncing => "bouncing",
        RecipientState.Bounced => "bounced",
        RecipientState.Removed => "removed",
        _ => "reporting",
    };

    /// <summary>Is the message meant?</summary>
    public static bool Matches(QueuedMessage message, QueueSelection query, DateTimeOffset now) =>
        (query.Ids.IsEmpty || query.Ids.Contains(message.Id))
        && (query.Sender is null || string.Equals(message.Sender, query.Sender, StringComparison.OrdinalIgnoreCase))
        && (query.User is null || string.Equals(message.Share.Key.User, query.User, StringComparison.OrdinalIgnoreCase))
        && (query.OlderThan is not { } age || now - message.AcceptedAt >= age)
        && (query.State is null || string.Equals(StateOf(message), query.State, StringComparison.OrdinalIgnoreCase))
        && (!NarrowsRecipients(query) || Array.Exists(message.Recipients, recipient => Matches(recipient, query)));

    /// <summary>Is the recipient of a message that is meant itself meant?</summary>
    public static bool Matches(QueuedRecipient recipient, QueueSelection query) =>
        (query.Recipient is null || string.Equals(recipient.Address, query.Recipient, StringComparison.OrdinalIgnoreCase))
        && (query.Domain is null || IsIn(recipient, query.Domain))
        && (query.Destination is null || string.Equals(recipient.Group.Lane.Site?.Key.Name, query.Destination, StringComparison.OrdinalIgnoreCase));

    // Also by the trouble of its whole site or domain, which costs it no attempt of its own.
    private static bool IsDeferred(QueuedRecipient recipient) => recipient.Progress.Attempts > 0
        || (recipient.Group.Lane.Site is { } site ? site.LastFailure : recipient.Group.Lane.LastFailure) is not null;

    private static bool NarrowsRecipients(QueueSelection query) =>
        query.Recipient is not null || query.Domain is not null || query.Destination is not null;

    private static bool IsIn(QueuedRecipient recipient, string domain)
    {
        var at = recipient.Address.LastIndexOf('@');
        return string.Equals(recipient.Group.Lane.Domain.Name, domain, StringComparison.OrdinalIgnoreCase)
            || (at >= 0 && recipient.Address.AsSpan(at + 1).Equals(domain, StringComparison.OrdinalIgnoreCase));
    }
}
