using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Accounts;

/// <summary>Tells refusals that say that a recipient's address leads nowhere from those about the sender, the mail or us. Pure.</summary>
/// <remarks>Only the former tell of somebody who sends to a list of addresses that he knows nothing of: a next hop that blocks our address refuses any mail.</remarks>
public static class RefusedAddress
{
    private const int Address = 1; // RFC 3463 sections 3.2, 3.3 and 3.5
    private const int Mailbox = 2;
    private const int Routing = 4;

    /// <summary>True when an outcome says so.</summary>
    public static bool Tells(RecipientOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Kind == OutcomeKind.Bounced && outcome.Stage switch
        {
            ClientStage.Connect or ClientStage.Rcpt => Tells(outcome.Reply),
            ClientStage.EndOfData => outcome.Reply.Status.Subject is Address or Mailbox && Tells(outcome.Reply),
            _ => false,
        };
    }

    /// <summary>True when an answer to a recipient says so.</summary>
    public static bool Tells(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.IsPermanent && (reply.Status switch
        {
            { Subject: Address, Detail: not (7 or 8) } => true, // those two are about the sender
            { Subject: Mailbox, Detail: 1 } => true,
            { Subject: Routing, Detail: 4 } => true, // nothing is known of where the domain's mail goes
            { Subject: 0 } => reply.Code is 550 or 551 or 553, // no enhanced code, or one that says nothing
            _ => false,
        });
    }
}
