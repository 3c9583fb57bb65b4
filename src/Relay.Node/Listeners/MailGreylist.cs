using Relay.Actors.Policy.Limits;
using Relay.Node.Greylisting;
using Relay.Policy.Decisions;
using Relay.Policy.Greylisting;
using Relay.Smtp.Addresses;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>Has recipients of one mail after another wait whose sender is not known.</summary>
/// <remarks>
/// Under <c>&lt;&gt;</c> the mail waits at its content, not its recipients: others ask with it whether an address exists before they take
/// mail of ours, and send nothing.
/// </remarks>
internal sealed class MailGreylist
{
    private readonly ServerDialogue _dialogue;
    private readonly LimitAgent _limits;
    private readonly GreylistMetrics _metrics;

    public MailGreylist(ServerDialogue dialogue, SmtpServices services)
    {
        _dialogue = dialogue;
        _limits = services.Policy.Limits;
        _metrics = services.Greylist;
    }

    /// <summary>The refusal of the content of a mail of <c>&lt;&gt;</c>; null for none.</summary>
    public MailRefusal? OfContent { get; private set; }

    /// <summary>A mail was granted.</summary>
    public void Begin() => OfContent = null;

    /// <summary>Asks about a recipient that is to be accepted.</summary>
    /// <returns>Its refusal; null when it need not wait, or its mail waits at its content.</returns>
    public async ValueTask<Verdict?> FindAsync(GrantedMail mail, MailPath recipient)
    {
        var sender = _dialogue.Sender!;
        var triplet = Triplet.Of(mail.Client.Address, sender, mail.Policy.ResolveRecipient(recipient));
        var finding = await _limits.Greylist.AskAsync(_limits.Gateway, triplet, mail.Policy.Greylisting).ConfigureAwait(false);
        _metrics.Add(finding switch
        {
            null => GreylistResult.Unavailable,
            { Passes: false } => GreylistResult.Delayed,
            { IsFirst: true } => GreylistResult.Passed,
            _ => GreylistResult.Known,
        });
        if (finding is not { Passes: false } waits)
        {
            return null;
        }

        var verdict = mail.Policy.GreylistedFor(waits.Left);
        if (!sender.IsNull)
        {
            return verdict;
        }

        OfContent = new MailRefusal(verdict.Reply!, verdict.RuleAndPlace);
        return null;
    }
}
