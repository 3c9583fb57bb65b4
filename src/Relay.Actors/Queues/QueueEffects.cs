using System.Collections.Immutable;
using Relay.Actors.Accounts;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>What a change of the queue asks of the world; whoever made the change carries it out and clears it.</summary>
internal sealed class QueueEffects
{
    private readonly HashSet<QueuedMessage> _saves = [];

    /// <summary>Destinations that had nothing and have something now; each is told once.</summary>
    public HashSet<DestinationKey> Announcements { get; } = [];

    /// <summary>Destinations that are to give back what they have not begun.</summary>
    public HashSet<DestinationKey> Recalls { get; } = [];

    /// <summary>Domains whose site is asked for.</summary>
    public List<SiteMessages.ResolveSite> Lookups { get; } = [];

    /// <summary>Messages whose progress is to be saved.</summary>
    public IReadOnlyCollection<QueuedMessage> Saves => _saves;

    /// <summary>Entries that are done.</summary>
    public List<MessageId> Removals { get; } = [];

    /// <summary>Reports to be made.</summary>
    public List<OwedReport> Reports { get; } = [];

    /// <summary>What the mail log is told beside the ends of attempts.</summary>
    public List<QueueEvent> Events { get; } = [];

    /// <summary>The message's progress is to be saved.</summary>
    public void Save(QueuedMessage message) => _saves.Add(message);

    /// <summary>The message's entry is done.</summary>
    public void Remove(QueuedMessage message)
    {
        _saves.Remove(message);
        Removals.Add(message.Id);
    }

    /// <summary>Everything has been carried out.</summary>
    public void Clear()
    {
        Announcements.Clear();
        Recalls.Clear();
        Lookups.Clear();
        _saves.Clear();
        Removals.Clear();
        Reports.Clear();
        Events.Clear();
    }
}

/// <summary>A delivery status notification that a sender is owed (RFC 3461, RFC 3464).</summary>
/// <param name="Message">What it is about.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Sender">Whom it goes to: never the null path.</param>
/// <param name="Recipients">Of whom it speaks, by their places in the envelope, ascending.</param>
/// <param name="Progress">What became of each, in the same order.</param>
/// <param name="GivenUpAt">When those who still wait are given up.</param>
/// <param name="IsStrangers">The message came from a client that neither logged in nor may relay.</param>
internal sealed record OwedReport(
    MessageId Message,
    ReportKind Kind,
    string Sender,
    ImmutableArray<int> Recipients,
    ImmutableArray<RecipientProgress> Progress,
    DateTimeOffset GivenUpAt,
    bool IsStrangers);

/// <summary>Something that happened to recipients other than an attempt.</summary>
/// <param name="Message">The message.</param>
/// <param name="Kind">bounced, expired, interrupted, returned, removed, held, suspected, released, retried, forgotten.</param>
/// <param name="Addresses">Whom it happened to; empty: the whole message.</param>
/// <param name="Reason">Why.</param>
internal sealed record QueueEvent(MessageId Message, string Kind, ImmutableArray<string> Addresses, string? Reason)
{
    /// <summary>A recipient was given up because of its message's age.</summary>
    public static QueueEvent Expired(QueuedMessage message, QueuedRecipient recipient) =>
        new(message.Id, "expired", [recipient.Address], recipient.Progress.Last!.Reply.ToString());

    /// <summary>Recipients whose domain takes no mail.</summary>
    public static QueueEvent Bounced(MessageId message, ImmutableArray<string> addresses, RecipientOutcome failure) =>
        new(message, "bounced", addresses, failure.Reply.ToString()) { IsRefusal = RefusedAddress.Tells(failure) };

    /// <summary>True when the recipients have failed for good, without an attempt that said so.</summary>
    public bool IsFailure => Kind is "bounced" or "expired" or "returned";

    /// <summary>True when they failed because what they name cannot get mail.</summary>
    public bool IsRefusal { get; init; }
}
