using Relay.Smtp.Content;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>Decides what this next hop cannot take without asking it, so that nothing is sent in vain or damaged.</summary>
internal static class Preflight
{
    /// <summary>Sets the outcome of each recipient that is decided; leaves the others as they are.</summary>
    /// <param name="transaction">What is to be sent.</param>
    /// <param name="peer">What the next hop offers.</param>
    /// <param name="outcomes">One for each recipient.</param>
    /// <returns>How many recipients are left to ask for.</returns>
    public static int Decide(ClientTransaction transaction, ServerCapabilities peer, Span<RecipientOutcome?> outcomes)
    {
        if (RefuseMessage(transaction, peer) is { } refusal)
        {
            outcomes.Fill(new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Mail, refusal));
            return 0;
        }

        var left = outcomes.Length;
        var recipients = transaction.Envelope.Recipients;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (RefuseRecipient(recipients[i], peer) is { } reply)
            {
                outcomes[i] = new RecipientOutcome(OutcomeKind.Bounced, ClientStage.Rcpt, reply);
                left--;
            }
        }

        return left;
    }

    private static SmtpReply? RefuseMessage(ClientTransaction transaction, ServerCapabilities peer)
    {
        var envelope = transaction.Envelope;
        if (!PathText.IsSafe(envelope.Sender.Text))
        {
            return ClientReplies.BadSender;
        }

        if (transaction.Size > peer.SizeMax)
        {
            return ClientReplies.TooLarge;
        }

        if (transaction.Has8Bit && !peer.Has8BitMime)
        {
            return ClientReplies.No8BitMime;
        }

        // What was declared SMTPUTF8 and has octets over 127 in its body alone is 8BITMIME's business; without any it is plain mail.
        var needsUtf8 = envelope.Sender.IsUtf8
            || (envelope.Parameters.SmtpUtf8 && transaction.Has8Bit && transaction.HeaderMayHave8Bit);
        return needsUtf8 && !peer.HasSmtpUtf8 ? ClientReplies.NoSmtpUtf8 : null;
    }

    private static SmtpReply? RefuseRecipient(EnvelopeRecipient recipient, ServerCapabilities peer)
    {
        if (recipient.Path.IsNull || !PathText.IsSafe(recipient.Path.Text))
        {
            return ClientReplies.BadRecipient;
        }

        return recipient.Path.IsUtf8 && !peer.HasSmtpUtf8 ? ClientReplies.NoSmtpUtf8 : null;
    }
}
