using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>One conversation with a next hop that only asks for recipients: connected, greeted and authenticated as a delivery would be.</summary>
/// <remarks>Used by one caller at a time. Trouble of the peer or the network is an outcome; only our own defects are exceptions.</remarks>
public sealed class ProbeConversation : IDisposable
{
    // Nobody's mail waits for it: questions about recipients are a flow of their own.
    private static readonly string[] Flows = ["(callouts)"];

    private readonly OutboundConversation _conversation;

    /// <summary>Nothing is connected yet.</summary>
    /// <param name="destination">Whom to ask.</param>
    /// <param name="resources">What deliveries are made with.</param>
    public ProbeConversation(DestinationKey destination, DeliveryResources resources)
    {
        _conversation = new OutboundConversation(destination, resources);
    }

    /// <summary>Questions that were answered with no so far.</summary>
    public int Refusals { get; private set; }

    /// <summary>Questions so far.</summary>
    public int Questions { get; private set; }

    /// <summary>True while another question may be asked.</summary>
    public bool IsUsable => _conversation.IsUsable;

    /// <summary>Finds the next hop, connects, and waits to be greeted.</summary>
    /// <returns>Null when questions may be asked, else why not.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; of no use any more.</exception>
    public async Task<RecipientOutcome?> OpenAsync(CancellationToken stopping) =>
        await _conversation.FindAsync(Flows, stopping).ConfigureAwait(false) ?? await _conversation.OpenAsync(stopping).ConfigureAwait(false);

    /// <summary>Asks whether the next hop would take a recipient (RFC 5321 section 3.3): MAIL with the null sender, RCPT, and no further.</summary>
    /// <returns><see cref="OutcomeKind.Delivered"/> at <see cref="ClientStage.Rcpt"/> when it would.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; of no use any more.</exception>
    public async Task<RecipientOutcome> AskAsync(MailPath recipient, CancellationToken stopping)
    {
        Questions++;
        var outcomes = await _conversation.TransactAsync(ClientTransaction.Probe(recipient), null, stopping).ConfigureAwait(false);
        Refusals += outcomes[0].Kind == OutcomeKind.Bounced ? 1 : 0;
        return outcomes[0];
    }

    /// <summary>True when an outcome tells that the next hop had done with the connection, and nothing of the recipient.</summary>
    public bool TellsOfConnection(RecipientOutcome outcome) => _conversation.TellsOfConnection(outcome);

    /// <summary>Says QUIT, waits a moment for the answer, and closes.</summary>
    public Task QuitAsync(CancellationToken stopping) => _conversation.QuitAsync(stopping);

    /// <summary>Closes the connection without another word.</summary>
    public void Dispose() => _conversation.Dispose();
}
