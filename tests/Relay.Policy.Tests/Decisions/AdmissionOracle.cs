using Relay.Policy.Decisions;
using Relay.Policy.Findings;

namespace Relay.Policy.Tests.Decisions;

/// <summary>The rules about clients and senders on top of <see cref="DecisionOracle"/>, decided naively: a walk over lists of texts.</summary>
/// <remarks>Shares no code with what it judges.</remarks>
internal sealed record AdmissionOracle(
    DecisionOracle Rights,
    (string Subject, string Action)[] Clients,
    (string Sender, string Action)[] Rules,
    string[] Block,
    bool RequiresAuthentication,
    string UnknownDomains,
    (string Zone, string Action)[] Blocklists,
    string[] Allowlists)
{
    public string ToJson()
    {
        var clients = Clients.Select(rule =>
            $$"""{ "{{(IsNetwork(rule.Subject) ? "network" : "name")}}": "{{rule.Subject}}", "action": "{{rule.Action}}" }""");
        var rules = Rules.Select(rule => $$"""{ "sender": "{{rule.Sender}}", "action": "{{rule.Action}}" }""");
        var own = RequiresAuthentication ? "requireAuthentication" : "accept";
        var blocklists = Blocklists.Select(list => $$"""{ "zone": "{{list.Zone}}", "action": "{{list.Action}}" }""");
        var allowlists = Allowlists.Select(zone => $$"""{ "zone": "{{zone}}" }""");
        return $$"""
            {
              "clients": [ {{string.Join(", ", clients)}} ],
              "senders": {
                "rules": [ {{string.Join(", ", rules)}} ], "block": [ {{string.Join(", ", Block.Select(sender => $"\"{sender}\""))}} ],
                "ownDomainsFromOutside": "{{own}}", "unknownDomains": "{{UnknownDomains}}" },
              "dnsBlocklists": [ {{string.Join(", ", blocklists)}} ],
              "dnsAllowlists": [ {{string.Join(", ", allowlists)}} ],
            """ + Rights.ToJson().TrimStart()[1..];
    }

    /// <summary>What is to come out: the action and the rule.</summary>
    public (VerdictAction Action, string Rule) Decide(
        string client, string listener, string? user, string sender, string recipient, MailFindings findings)
    {
        var rights = Rights.Decide(client, listener, recipient, user);
        var isOursToReach = rights.Rule == "postmaster" || rights.Rule == "default.postmaster"
            || (rights.Rule.StartsWith("acceptedDomains", StringComparison.Ordinal)
                && recipient.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase));
        if (isOursToReach)
        {
            return rights;
        }

        string? doubt = null;
        var refusal = Refuse(client, Rights.HasRight(client, listener, user), user, sender, findings, ref doubt);
        return refusal is not { } found ? rights
            : found.Action == VerdictAction.Refuse && doubt is not null ? (VerdictAction.Defer, doubt)
            : found;
    }

    private (VerdictAction Action, string Rule)? Refuse(
        string client, bool hasRight, string? user, string sender, MailFindings findings, ref string? doubt)
    {
        foreach (var (subject, action) in Clients)
        {
            var rule = $"clients[\"{subject}\"]";
            var state = hasRight ? HostNameState.NotAsked : findings.ClientName.State;
            if (!IsNetwork(subject) && state == HostNameState.Trouble)
            {
                if (action != "accept")
                {
                    return (VerdictAction.Defer, rule);
                }

                doubt ??= rule;
                continue;
            }

            var matches = IsNetwork(subject)
                ? DecisionOracle.Holds(subject, client)
                : state == HostNameState.Proven && DecisionOracle.Matches(subject, findings.ClientName.Name!.Name);
            if (matches)
            {
                return action == "accept" ? null : (Of(action), rule);
            }
        }

        var domain = sender[(sender.LastIndexOf('@') + 1)..].ToLowerInvariant();
        var plain = sender.Replace("\"", "", StringComparison.Ordinal);
        var match = sender.Length == 0
            ? null
            : Rules.Select(rule => (rule.Sender, rule.Action, Key: "rules")).Concat(Block.Select(blocked => (Sender: blocked, Action: "reject", Key: "block")))
                .Where(rule => rule.Sender.Contains('@', StringComparison.Ordinal)
                    ? rule.Sender.Equals(plain, StringComparison.OrdinalIgnoreCase)
                    : DecisionOracle.Matches(rule.Sender, domain))
                .Select(rule => ((string Sender, string Action, string Key)?)rule)
                .FirstOrDefault();
        if (match is { Action: not "accept" } refusing)
        {
            return (Of(refusing.Action), $"senders.{refusing.Key}[\"{refusing.Sender}\"]");
        }

        if (hasRight)
        {
            return null;
        }

        var isOurs = sender.Length > 0 && DecisionOracle.BestPattern(Rights.AcceptedDomains, domain) is not null;
        var asks = match is null && UnknownDomains != "accept" && sender.Length > 0 && !isOurs && domain[0] != '[';
        switch (asks ? findings.SenderDomain : SenderDomainFinding.NotAsked)
        {
            case SenderDomainFinding.Unknown:
                return (Of(UnknownDomains), "senders.unknownDomains");
            case SenderDomainFinding.NullMx:
                return (VerdictAction.Refuse, "senders.unknownDomains");
            case SenderDomainFinding.Trouble:
                return (VerdictAction.Defer, "senders.unknownDomains");
        }

        if (RequiresAuthentication && user is null && isOurs)
        {
            return (VerdictAction.Refuse, "senders.ownDomainsFromOutside");
        }

        if (Allowlists.Any(zone => IsListed(zone, findings)))
        {
            return null;
        }

        var list = Blocklists.FirstOrDefault(list => list.Action is "reject" or "defer" && IsListed(list.Zone, findings));
        return list.Zone is null ? null : (Of(list.Action), $"dnsBlocklists[\"{list.Zone}\"]");
    }

    private static bool IsListed(string zone, MailFindings findings) => findings.Lists.Any(
        finding => finding.Zone.Name == zone && finding.Answers.Any(answer => answer.ToString() == "127.0.0.2"));

    private static bool IsNetwork(string subject) => char.IsDigit(subject[0]) || subject.Contains(':', StringComparison.Ordinal);

    private static VerdictAction Of(string action) => action == "defer" ? VerdictAction.Defer : VerdictAction.Refuse;
}
