using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Content;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>The From header of mail from outside, where policy wants it looked at (<c>senders.ownDomainsFromOutside</c>).</summary>
internal static class HeaderFrom
{
    /// <summary>Takes the From fields while the body passes; null when nobody asks for them, or when only postmasters are to have the
    /// mail.</summary>
    public static FromCollector? Collect(PolicySnapshot policy, in ClientFacts client, MailFindings findings, ServerDialogue dialogue) =>
        policy.AsksForHeaderFrom(client, findings) && dialogue.Recipients.Any(static recipient => !recipient.Path.IsPostmaster) ? new FromCollector() : null;

    /// <summary>The refusal of the header; null when it may stand.</summary>
    public static Verdict? Refuse(PolicySnapshot policy, in ClientFacts client, MailFindings findings, FromCollector from) =>
        policy.DecideHeaderFrom(client, from.FindDomains(), findings) is { IsAccept: false } verdict ? verdict : null;
}
