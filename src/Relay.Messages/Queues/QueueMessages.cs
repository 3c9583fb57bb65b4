using System.Collections.Immutable;
using Relay.Messages.Ids;
using Relay.Messages.Intake;
using Relay.Messages.Stored;

namespace Relay.Messages.Queues;

/// <summary>What the queue is told and asked.</summary>
public static class QueueMessages
{
    /// <summary>Most messages that one answer lists.</summary>
    public const int ListMax = 10_000;

    /// <summary>Most rows of each table of a summary.</summary>
    public const int SummaryMax = 1_000;

    /// <summary>A message is durable and answered with 250: it is the queue's from now on.</summary>
    /// <param name="Id">Its name, as the 250 gave it.</param>
    /// <param name="Message">Its envelope and origin.</param>
    /// <param name="Size">Its content in octets, trace header included.</param>
    public sealed record MessageAccepted(MessageId Id, StoredMessage Message, long Size)
    {
        /// <summary>The room that was held for it: given back once the message counts as stored. Null for a report of ours.</summary>
        public ISpaceHold? Hold { get; init; }

        /// <summary>Why it is held from its first moment on; null: it is not.</summary>
        public string? HoldReason { get; init; }
    }

    /// <summary>Lists queued messages, oldest first. Answered with <see cref="QueueListed"/>.</summary>
    /// <param name="Selection">Which; an empty selection is all of them.</param>
    /// <param name="Limit">At most this many, and <see cref="ListMax"/>.</param>
    public sealed record ListMessages(QueueSelection Selection, int Limit);

    /// <summary>The answer to <see cref="ListMessages"/>.</summary>
    /// <param name="Messages">What matched, up to the limit.</param>
    /// <param name="Total">How many messages matched in all.</param>
    public sealed record QueueListed(ImmutableArray<QueuedMessageView> Messages, int Total);

    /// <summary>Shows one message. Answered with <see cref="QueueShown"/>.</summary>
    public sealed record ShowQueued(MessageId Id);

    /// <summary>The answer to <see cref="ShowQueued"/>; null when the queue has no such message.</summary>
    public sealed record QueueShown(QueuedMessageView? Message);

    /// <summary>Does something to messages, or only counts them. Answered with <see cref="MessagesChanged"/>.</summary>
    /// <param name="Selection">Which.</param>
    /// <param name="Action">What.</param>
    /// <param name="Reason">Why, in the operator's words: it goes to the log, with a hold to the message, with a bounce to its sender.</param>
    /// <param name="CountOnly">True: nothing is done.</param>
    public sealed record ChangeMessages(QueueSelection Selection, QueueAction Action, string Reason, bool CountOnly);

    /// <summary>The answer to <see cref="ChangeMessages"/>.</summary>
    /// <param name="Matched">Messages that the selection means.</param>
    /// <param name="Changed">Those to which something was done, or would be: a message that is held already is not held again.</param>
    /// <param name="InFlight">Those of them with an attempt that is on: for those recipients it is done when the attempt ends, unless it delivers.</param>
    public sealed record MessagesChanged(int Matched, int Changed, int InFlight);

    /// <summary>Sums up the queue. Answered with <see cref="Summarized"/>.</summary>
    /// <param name="Limit">Rows of each table at most, and <see cref="SummaryMax"/>: those with most messages.</param>
    public sealed record Summarize(int Limit);

    /// <summary>The answer to <see cref="Summarize"/>.</summary>
    /// <param name="Messages">All messages.</param>
    /// <param name="Bytes">Their content in octets.</param>
    /// <param name="States">How many messages are in each state, by the names that lists show.</param>
    /// <param name="Destinations">By next-hop site.</param>
    /// <param name="Domains">By recipient domain.</param>
    /// <param name="Senders">By sender; the null path has an empty name.</param>
    public sealed record Summarized(
        int Messages,
        long Bytes,
        ImmutableSortedDictionary<string, int> States,
        ImmutableArray<SummaryRow> Destinations,
        ImmutableArray<SummaryRow> Domains,
        ImmutableArray<SummaryRow> Senders);

    /// <summary>One row of a summary.</summary>
    /// <param name="Name">What is counted.</param>
    /// <param name="Messages">Messages with at least one recipient that is not done.</param>
    /// <param name="Bytes">Their content in octets.</param>
    /// <param name="Oldest">When the oldest of them was accepted.</param>
    public sealed record SummaryRow(string Name, int Messages, long Bytes, DateTimeOffset Oldest);

    /// <summary>One queued message as operators see it.</summary>
    /// <param name="Id">Its name.</param>
    /// <param name="Sender">The reverse-path without brackets.</param>
    /// <param name="Size">Content in octets.</param>
    /// <param name="ArrivedAt">When it was accepted.</param>
    /// <param name="ExpiresAt">When it is given up.</param>
    /// <param name="State">held, active, deferred, queued, bouncing, failed, reporting: the first of these that a recipient is in.</param>
    /// <param name="HoldReason">Why it is held; null when it is not.</param>
    /// <param name="Recipients">Everyone it is for.</param>
    public sealed record QueuedMessageView(
        MessageId Id,
        string Sender,
        long Size,
        DateTimeOffset ArrivedAt,
        DateTimeOffset ExpiresAt,
        string State,
        string? HoldReason,
        ImmutableArray<QueuedRecipientView> Recipients);

    /// <summary>One recipient of a queued message as operators see it.</summary>
    /// <param name="Address">The recipient.</param>
    /// <param name="State">active, queued, deferred, held, bouncing, failed, reporting, delivered, bounced, removed.</param>
    /// <param name="Destination">Its destination's name; null while it is being looked up.</param>
    /// <param name="Progress">Where it stands.</param>
    /// <param name="NextAttempt">The earliest time of the next attempt; null when there is none to come.</param>
    public sealed record QueuedRecipientView(
        string Address, string State, string? Destination, RecipientProgress Progress, DateTimeOffset? NextAttempt)
    {
        /// <summary>What an operator wants of it once the attempt that is on has ended without delivering; null when nothing.</summary>
        public QueueAction? Then { get; init; }
    }
}

/// <summary>Which messages an operator means: all conditions that are set must hold.</summary>
public sealed record QueueSelection
{
    /// <summary>These messages; empty for any.</summary>
    public ImmutableArray<MessageId> Ids { get; init; } = [];

    /// <summary>This reverse-path without brackets, empty for the null path, compared without case; null for any.</summary>
    public string? Sender { get; init; }

    /// <summary>Of this authenticated user, compared without case; null for anybody's.</summary>
    public string? User { get; init; }

    /// <summary>With this recipient, compared without case; null for any. An action touches this recipient only.</summary>
    public string? Recipient { get; init; }

    /// <summary>With a recipient in this domain, compared without case; null for any. An action touches these recipients only.</summary>
    public string? Domain { get; init; }

    /// <summary>With a recipient of this destination; null for any. An action touches these recipients only.</summary>
    public string? Destination { get; init; }

    /// <summary>Accepted at least this long ago; null for any.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>In this state, by the name that lists show; null for any.</summary>
    public string? State { get; init; }

    /// <summary>True when nothing narrows it: every message.</summary>
    public bool IsEverything =>
        Ids.IsEmpty && Sender is null && User is null && Recipient is null && Domain is null && Destination is null && OlderThan is null && State is null;
}

/// <summary>What an operator can do to queued messages. The numbers stand in the spool.</summary>
public enum QueueAction
{
    /// <summary>Not tried until released; it does not expire meanwhile.</summary>
    Hold = 0,

    /// <summary>Ends a hold.</summary>
    Release = 1,

    /// <summary>Due at once.</summary>
    Retry = 2,

    /// <summary>Removed; nobody is told.</summary>
    Delete = 3,

    /// <summary>Failed; the sender is told, with the reason.</summary>
    Bounce = 4,
}
