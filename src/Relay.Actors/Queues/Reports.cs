using Relay.Actors.Bounces;
using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>Which reports a message owes its sender, and what they settle. Pure.</summary>
internal static class Reports
{
    /// <summary>Adds the reports that are to be made now: one of each kind is under way at a time.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mayReportFates">False while others of the message may meet the same fate in a moment.</param>
    /// <param name="givenUpAt">When those who wait are given up.</param>
    /// <param name="effects">Takes the reports.</param>
    public static void Collect(QueuedMessage message, bool mayReportFates, DateTimeOffset givenUpAt, QueueEffects effects)
    {
        if (mayReportFates)
        {
            Add(message, ReportKind.Failed, static (_, r) => r.Progress.State == RecipientState.Bouncing, givenUpAt, effects);
            Add(message, ReportKind.Success, static (_, r) => r.Progress.State is RecipientState.Relayed or RecipientState.InMailbox, givenUpAt, effects);
        }

        if (message.IsWarningOwed)
        {
            Add(message, ReportKind.Delayed, static (m, r) => r.IsWaiting && Fates.MayReport(m, r, DsnAction.Delayed), givenUpAt, effects);
        }
    }

    /// <summary>A report is durable: those it speaks of are settled.</summary>
    public static void Note(QueuedMessage message, ReportKind kind, IEnumerable<int> recipients)
    {
        if (kind == ReportKind.Delayed)
        {
            message.IsWarningOwed = false;
            message.IsWarned = true;
            return;
        }

        foreach (var index in recipients)
        {
            var recipient = message.Recipients[index];
            recipient.Progress = (kind, recipient.Progress.State) switch
            {
                (ReportKind.Failed, RecipientState.Bouncing) => recipient.Progress with { State = RecipientState.Bounced },
                (ReportKind.Success, RecipientState.Relayed or RecipientState.InMailbox) => recipient.Progress with { State = RecipientState.Delivered },
                _ => recipient.Progress,
            };
        }
    }

    private static void Add(
        QueuedMessage message, ReportKind kind, Func<QueuedMessage, QueuedRecipient, bool> concerns, DateTimeOffset givenUpAt, QueueEffects effects)
    {
        int[] recipients = [.. Enumerable.Range(0, message.Recipients.Length).Where(index => concerns(message, message.Recipients[index])).Take(DsnLimits.RecipientsMax)];
        if (recipients.Length > 0 && message.TryBeginReport(kind))
        {
            message.UnreportedSince = kind == ReportKind.Delayed ? message.UnreportedSince : null;
            effects.Reports.Add(new OwedReport(
                message.Id, kind, message.Sender, [.. recipients], [.. recipients.Select(index => message.Recipients[index].Progress)], givenUpAt, !message.Share.Key.IsTrusted));
        }
    }
}
