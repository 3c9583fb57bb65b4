using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Client;

/// <summary>One message for one next hop.</summary>
/// <param name="Envelope">Sender, parameters, and the recipients of this attempt only: at least one.</param>
/// <param name="Size">
/// Octets of content, exactly as many as <see cref="ClientDialogue.WriteBody"/> will be given in all (our Received field included, dot-stuffing
/// not): <see cref="ClientDialogue.EndBody"/> does not end a message that came out shorter or longer.
/// </param>
/// <param name="Has8Bit">The content has octets over 127.</param>
public sealed record ClientTransaction(Envelope Envelope, long Size, bool Has8Bit)
{
    /// <summary>False only when the header is known to have no octet over 127, so that 8BITMIME is enough for the content.</summary>
    public bool HeaderMayHave8Bit { get; init; } = true;

    /// <summary>
    /// Only asks whether the peer would take the recipients: it ends behind RCPT, and nothing is delivered. The outcome of a recipient that the peer
    /// takes is then <see cref="OutcomeKind.Delivered"/> at <see cref="ClientStage.Rcpt"/>.
    /// </summary>
    public bool IsProbe { get; init; }

    /// <summary>A question for one recipient, with the null sender, as reports have it.</summary>
    public static ClientTransaction Probe(MailPath recipient) =>
        new(new Envelope(MailPath.Null, MailParameters.None, [new EnvelopeRecipient(recipient, DsnNotify.Unspecified, null)]), 0, Has8Bit: false)
        {
            IsProbe = true,
        };
}
