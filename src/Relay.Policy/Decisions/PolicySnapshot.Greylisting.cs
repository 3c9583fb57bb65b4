using Relay.Policy.Findings;
using Relay.Policy.Greylisting;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <content>Who is told to come again.</content>
public sealed partial class PolicySnapshot
{
    // As postmaster: whoever writes to it may be in trouble with exactly this.
    private const string Abuse = "abuse";

    /// <summary>How strangers are told to come again.</summary>
    public GreylistRules Greylisting { get; }

    /// <summary>True when a recipient that is to be accepted has to wait until its sender is known. Never for clients with a right to relay,
    /// users, clients that <c>clients</c> or an allow-list accepts, and mail to postmaster and abuse.</summary>
    /// <param name="client">The client.</param>
    /// <param name="recipient">The recipient.</param>
    /// <param name="findings">What DNS says of the client.</param>
    public bool Greylists(in ClientFacts client, MailPath recipient, MailFindings findings)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(findings);
        return Greylisting.IsOn
            && client.User is null
            && !recipient.IsPostmaster
            && !recipient.LocalPart.Equals(Abuse, StringComparison.OrdinalIgnoreCase)
            && !_admission.IsKnown(client, findings);
    }

    /// <summary>The refusal of a recipient that has to wait.</summary>
    /// <param name="left">How long.</param>
    public Verdict GreylistedFor(TimeSpan left) => Verdicts.Greylisted(left, _greylistRule);
}
