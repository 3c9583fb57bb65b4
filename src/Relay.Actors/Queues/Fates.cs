using Relay.Actors.Bounces;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Queues;

/// <summary>Decides what becomes of a recipient. Pure.</summary>
internal static class Fates
{
    /// <summary>A retry comes this much sooner or later at the most, as a part of the wait, so that mail that failed together does not come back together.</summary>
    public const double JitterMax = 0.1;

    private static readonly SmtpReply Expired = new(451, new(4, 4, 7), "The message could not be delivered in time");

    /// <summary>After an attempt.</summary>
    /// <param name="message">The message.</param>
    /// <param name="recipient">The recipient as it was.</param>
    /// <param name="outcome">How the attempt ended for it.</param>
    /// <param name="facts">What is known of the attempt.</param>
    /// <param name="at">Policy and time.</param>
    public static RecipientProgress After(
        QueuedMessage message, QueuedRecipient recipient, RecipientOutcome outcome, AttemptFacts facts, Moment at)
    {
        var before = recipient.Progress;
        var now = ToMilliseconds(at.Now);
        var attempts = before.Attempts + 1;
        var ended = before with { Attempts = attempts, Last = outcome, LastAt = now, NextHop = facts.NextHop };
        return outcome.Kind switch
        {
            OutcomeKind.Delivered => ended with { State = StateOfDelivered(message, recipient, facts), Due = now },
            OutcomeKind.Bounced => Failed(message, recipient, ended, now),
            _ when at.Now >= ExpiresAt(message, at) => Failed(message, recipient, ended, now),
            _ => ended with { Due = now + Jittered(at.Delivery.Retry.Delay(attempts), ChanceOf(message.Id, attempts)) },
        };
    }

    /// <summary>When a message is given up: holds do not count.</summary>
    public static DateTimeOffset ExpiresAt(QueuedMessage message, Moment at) => message.AcceptedAt + at.Delivery.Expire + message.Held;

    /// <summary>When the sender is told that a message is late.</summary>
    public static DateTimeOffset WarnsAt(QueuedMessage message, Moment at) => message.AcceptedAt + at.Delivery.WarnAfter + message.Held;

    /// <summary>Given up while it waited: the newest trouble is the reason.</summary>
    public static RecipientProgress Overdue(QueuedMessage message, QueuedRecipient recipient, DateTimeOffset now)
    {
        var progress = WithNewestTrouble(recipient);
        // That nobody said no stays to be seen: the outcome is Deferred.
        var last = progress.Last ?? new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, Expired);
        return Failed(message, recipient, progress with { Last = last }, now);
    }

    /// <summary>
    /// Where a recipient that waits stands, with what keeps it waiting: its own last trouble, or that of its site or its domain, of which the
    /// message itself knows nothing.
    /// </summary>
    public static RecipientProgress WithNewestTrouble(QueuedRecipient recipient)
    {
        var (progress, lane) = (recipient.Progress, recipient.Group.Lane);
        return lane switch
        {
            { Site: { LastFailure: { } failure } site } when site.LastFailureAt > progress.LastAt =>
                progress with { Last = failure, NextHop = site.LastNextHop, LastAt = site.LastFailureAt },
            { Site: null, LastFailure: { } unknown } => progress with { Last = unknown, NextHop = null },
            _ => progress,
        };
    }

    /// <summary>An operator gives it up.</summary>
    public static RecipientProgress Returned(QueuedMessage message, QueuedRecipient recipient, string reason, DateTimeOffset now) => Failed(
        message,
        recipient,
        recipient.Progress with
        {
            Last = new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(554, new(5, 0, 0), $"Returned by the administrator: {reason}")),
            NextHop = null,
        },
        now);

    /// <summary>May the sender be told this of the recipient?</summary>
    public static bool MayReport(QueuedMessage message, QueuedRecipient recipient, DsnAction action) =>
        DsnWishes.MayReport(message.Sender.Length == 0, recipient.Notify, action);

    /// <summary>Makes a wait longer or shorter.</summary>
    public static TimeSpan Jittered(TimeSpan wait, double chance) =>
        TimeSpan.FromMilliseconds(Math.Round(wait.TotalMilliseconds * (1 - JitterMax + (2 * JitterMax * chance))));

    /// <summary>
    /// From 0 to 1, evenly: where in the range of the jitter an attempt falls. Of a message the same for all recipients, so that they go on
    /// travelling together and their sender is told of them together; of two messages another (the mixing of SplitMix64).
    /// </summary>
    public static double ChanceOf(MessageId message, int attempt)
    {
        var mixed = message.Owner ^ ((message.Sequence + ((ulong)attempt << 48)) * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>As the spool keeps it, so that a restart changes nothing.</summary>
    public static DateTimeOffset ToMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static RecipientProgress Failed(QueuedMessage message, QueuedRecipient recipient, RecipientProgress progress, DateTimeOffset now) => progress with
    {
        State = MayReport(message, recipient, DsnAction.Failed) ? RecipientState.Bouncing : RecipientState.Failed,
        Due = ToMilliseconds(now),
    };

    private static RecipientState StateOfDelivered(QueuedMessage message, QueuedRecipient recipient, AttemptFacts facts) =>
        DsnWishes.AfterDelivery(facts) is { } action && MayReport(message, recipient, action)
            ? action == DsnAction.Delivered ? RecipientState.InMailbox : RecipientState.Relayed
            : RecipientState.Delivered;
}
