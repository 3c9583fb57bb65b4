using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Bounces;

/// <summary>Which reports a sender wants (RFC 3461 sections 4.1 and 5.2).</summary>
public static class DsnWishes
{
    /// <summary>True when the sender may be told this of the recipient.</summary>
    /// <remarks>
    /// Never for the null sender: a bounce is not bounced (RFC 5321 section 6.1). Without NOTIFY, failure and delay are told, as RFC 3461
    /// section 4.1 leaves it to us; success only when it was asked for.
    /// </remarks>
    /// <param name="sender">The reverse-path of the original.</param>
    /// <param name="recipient">The recipient, with its NOTIFY.</param>
    /// <param name="action">What there is to tell.</param>
    public static bool MayReport(MailPath sender, EnvelopeRecipient recipient, DsnAction action)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(recipient);
        return MayReport(sender.IsNull, recipient.Notify, action);
    }

    /// <summary>True when the sender may be told this of a recipient with this NOTIFY.</summary>
    /// <param name="isSenderNull">The reverse-path of the original is the null path.</param>
    /// <param name="notify">The recipient's NOTIFY.</param>
    /// <param name="action">What there is to tell.</param>
    public static bool MayReport(bool isSenderNull, DsnNotify notify, DsnAction action)
    {
        if (isSenderNull || notify.HasFlag(DsnNotify.Never))
        {
            return false;
        }

        var isDefault = notify == DsnNotify.Unspecified;
        return action switch
        {
            DsnAction.Failed => isDefault || notify.HasFlag(DsnNotify.Failure),
            DsnAction.Delayed => isDefault || notify.HasFlag(DsnNotify.Delay),
            _ => notify.HasFlag(DsnNotify.Success),
        };
    }

    /// <summary>What there is to tell of a recipient that a next hop has taken: null when the next hop tells it itself (RFC 3461 section 5.2.1).</summary>
    public static DsnAction? AfterDelivery(AttemptFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.PeerHasDsn)
        {
            return null;
        }

        return facts.IsFinalDelivery ? DsnAction.Delivered : DsnAction.Relayed;
    }
}
