using Relay.Policy.Findings;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Recipients;

/// <summary>What an outcome of a question says of the recipient.</summary>
internal static class CalloutOutcome
{
    // Subjects of RFC 3463.
    private const int Addressing = 1;
    private const int MailSystem = 3;
    private const int Protocol = 5;
    private const int Security = 7;

    private static readonly EnhancedStatus MailboxFull = new(5, 2, 2);
    private static readonly EnhancedStatus BadSender = new(5, 1, 7);
    private static readonly EnhancedStatus BadSenderSystem = new(5, 1, 8);

    /// <summary>
    /// Known when the next hop would take it. Unknown when it refuses this recipient at RCPT for good, and not for a reason that has nothing to do with
    /// the address: who we are (5.7.x, as for a domain that it does not relay; 5.1.7 and 5.1.8), its own state, a full mailbox. All else is trouble.
    /// </summary>
    public static RecipientFinding Read(RecipientOutcome outcome) => outcome switch
    {
        { Stage: not ClientStage.Rcpt } => RecipientFinding.Trouble,
        { Kind: OutcomeKind.Delivered } => RecipientFinding.Known,
        { Kind: OutcomeKind.Bounced } when IsOfAddress(outcome.Reply) => RecipientFinding.Unknown,
        _ => RecipientFinding.Trouble,
    };

    private static bool IsOfAddress(SmtpReply reply) =>
        reply.Status.Subject == Addressing
            ? reply.Status != BadSender && reply.Status != BadSenderSystem
            : reply.Code is 550 or 551 or 553 && reply.Status != MailboxFull && reply.Status.Subject is not (MailSystem or Protocol or Security);
}
