using System.Globalization;
using Relay.Policy.Findings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <content>Decisions told to people.</content>
public sealed partial class PolicySnapshot
{
    private const int FileShownMax = 100;

    /// <summary>The decision about a recipient with every step looked at. For people: allocates freely.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="sender">The reverse-path.</param>
    /// <param name="recipient">The forward-path.</param>
    /// <param name="findings">What was found out about client and sender; null: nothing was asked.</param>
    /// <param name="recipientFinding">What the check of the recipient (<see cref="CheckFor"/>) found; null: it was not made, and an accept
    /// holds only on its condition.</param>
    public PolicyExplanation Explain(
        in ClientFacts client, MailPath sender, MailPath recipient, MailFindings? findings = null, RecipientFinding? recipientFinding = null)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(recipient);
        var trace = new PolicyTrace();
        var version = Version.ToString(CultureInfo.InvariantCulture);
        trace.Note("policy", Version == 0 ? "none is in force" : $"version {version} is in force");
        if (findings is null && InquiryFor(client, sender) is var inquiry && inquiry != Inquiry.Nothing)
        {
            trace.Note("dns", $"not asked here, and counted as saying nothing: {Show(inquiry)}");
        }

        var verdict = DecideClient(client);
        trace.Decided("client", $"{verdict.Rule}: {client.Address} at {client.Listener}", verdict);
        if (verdict.IsAccept)
        {
            verdict = DecideSender(client, sender);
            trace.Decided("sender", $"{verdict.Rule}: {sender}", verdict);
        }

        verdict = verdict.IsAccept ? DecideRecipient(client, sender, recipient, findings ?? MailFindings.None, trace) : verdict;
        string? condition = null;
        if (verdict.IsAccept && CheckFor(recipient) is { } check)
        {
            (verdict, condition) = ExplainCheck(check, recipient, recipientFinding, verdict, trace);
        }

        if (verdict.IsAccept && AsksForHeaderFrom(client, findings))
        {
            trace.Note("from", client.User is { } user
                ? $"senders.identities: addresses of ours in the From header must be those of {user}, and one of its addresses its own, else 550 5.7.1"
                : "senders.ownDomainsFromOutside: no address of ours may stand in the From header, else 550 5.7.1");
        }

        var resolved = verdict.IsAccept ? ResolveRecipient(recipient) : recipient;
        var route = verdict.IsAccept ? FindRoute(resolved.Domain!) : null;
        if (verdict.IsAccept)
        {
            if (Greylists(client, recipient, findings ?? MailFindings.None))
            {
                trace.Note("greylisting", $"{_greylistRule.Name}: a sender that is not known has to come again after {new Duration(Greylisting.Delay)}");
            }

            NoteLimits(client, sender, resolved, trace);
            NoteRoute(resolved.Domain!, trace);
        }

        return new PolicyExplanation(Version, client, sender, recipient, trace.Steps, verdict, resolved, route) { Condition = condition };
    }

    private (Verdict Verdict, string? Condition) ExplainCheck(
        RecipientCheck check, MailPath recipient, RecipientFinding? finding, Verdict soFar, PolicyTrace trace)
    {
        var who = check.Kind == RecipientCheckKind.File ? $"the list {ErrorText.Clean(check.File!, FileShownMax)}" : "the next hop";
        if (finding is not { } found)
        {
            trace.Note("recipients", $"{check.Rule}: {who} must know {recipient}, else 550 5.1.1");
            return (soFar, $"if {who} knows the recipient");
        }

        var verdict = DecideFinding(check, found);
        var words = found switch
        {
            RecipientFinding.Known => "knows",
            RecipientFinding.Unknown => "does not know",
            _ => "cannot be asked about",
        };
        trace.Decided("recipients", $"{check.Rule}: {who} {words} {recipient}", verdict);
        return (verdict, null);
    }

    private void NoteLimits(in ClientFacts client, MailPath sender, MailPath recipient, PolicyTrace trace)
    {
        var claims = RateLimits.ForConnection(client)
            .Concat(RateLimits.ForMail(client, sender, size: null))
            .Concat(RateLimits.ForRecipient(client, sender, recipient, size: null, isFirstOfDomain: true));
        foreach (var claim in claims)
        {
            var limit = claim.Rule.Limit;
            trace.Note("limits", $"{claim.Rule.Refusal.RuleAndPlace} counts {limit.Unit.ToString().ToLowerInvariant()} of \"{claim.Key}\": {limit.Budget}");
        }
    }

    private static string Show(Inquiry inquiry)
    {
        var asked = new List<string>();
        if (inquiry.ClientName)
        {
            asked.Add("the client's name");
        }

        if (inquiry.SenderDomain)
        {
            asked.Add("the sender's domain");
        }

        asked.AddRange(inquiry.Lists.Select(zone => $"the list {zone}"));
        return string.Join(", ", asked);
    }

    private void NoteRoute(MailDomain domain, PolicyTrace trace)
    {
        var finding = _routes.Find(domain) switch
        {
            null => $"has no entry for {domain}: by MX",
            { Route: { } route } => $"{route.Pattern} leads to {route.Target}",
            { Pattern: var pattern } => $"{pattern} leads to its MX",
        };
        trace.Note("routes", $"{finding}, tls {TlsLevels.WordOf(TlsFor(domain))}");
    }
}
