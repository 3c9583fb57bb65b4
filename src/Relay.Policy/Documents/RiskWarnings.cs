using Relay.Policy.Findings;
using Relay.Policy.Penalties;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Warns of rules that are legal and do far more than is likely meant: let in what strangers choose, or turn away everyone.</summary>
internal static class RiskWarnings
{
    /// <summary>IPv4 networks of <c>delivery.nextHopNetworks</c> wider than this get a warning.</summary>
    public const int NextHopIPv4PrefixAdvised = 8;

    /// <summary>IPv6 networks of <c>delivery.nextHopNetworks</c> wider than this get a warning.</summary>
    public const int NextHopIPv6PrefixAdvised = 16;

    /// <summary>Fewer refusals than these before a client is cut off get a warning.</summary>
    public const int PenaltyRefusalsAdvised = 5;

    /// <summary>A longer time in which a client's refusals are forgotten gets a warning.</summary>
    public static readonly TimeSpan PenaltyPerAdvised = TimeSpan.FromDays(1);

    /// <summary>Looks at the rules of a document.</summary>
    public static void Warn(JsonValue root, PolicyDocument document, ErrorList errors)
    {
        var ours = new DomainPatternSet(document.AcceptedDomains);
        WarnOfNextHops(root["delivery"]?["nextHopNetworks"], errors);
        WarnOfCallouts(root["calloutTrouble"], document, errors);
        WarnOfEveryClient(root["clients"], errors);
        WarnOfHastyPenalty(root["penalty"], document.Penalty, errors);
        WarnOfRefusedOwn(root["senders"], ours, errors);
        WarnOfForeignPostmaster(root["postmaster"], document, ours, errors);
        WarnOfWideIdentities(root["senders"]?["identities"], errors);
        if (document.Senders.RequireAuthenticationForOwnDomains && document.AcceptedDomains.Count == 0)
        {
            var line = root["senders"]!["ownDomainsFromOutside"]!.Line;
            errors.Warn("senders.ownDomainsFromOutside", line, "does nothing: there are no acceptedDomains that a stranger could claim");
        }
    }

    private static void WarnOfNextHops(JsonValue? list, ErrorList errors)
    {
        foreach (var (path, value) in DocumentBuilder.Items(list, "delivery.nextHopNetworks"))
        {
            if (value.Parsed is NetworkRange range
                && range.PrefixLength < (range.IsIPv4 ? NextHopIPv4PrefixAdvised : NextHopIPv6PrefixAdvised)
                && !SpecialNetworks.IsPrivate(range))
            {
                errors.Warn(path, value.Line, $"{range} lets any domain's DNS lead mail to every loopback, private and other special address in it");
            }
        }
    }

    private static void WarnOfCallouts(JsonValue? trouble, PolicyDocument document, ErrorList errors)
    {
        if (document.AcceptsOnCalloutTrouble && document.Recipients.Any(rule => rule.Kind == RecipientCheckKind.Callout))
        {
            errors.Warn(
                "calloutTrouble",
                trouble!.Line,
                "recipients are accepted unchecked while the next hop cannot be asked: what it refuses later becomes a bounce");
        }
    }

    private static void WarnOfEveryClient(JsonValue? list, ErrorList errors)
    {
        foreach (var (path, value) in DocumentBuilder.Items(list, "clients"))
        {
            if (value["network"]?.Parsed is NetworkRange { PrefixLength: 0 } range)
            {
                var version = range.IsIPv4 ? "IPv4" : "IPv6";
                errors.Warn(path, value.Line, RuleActions.Parse(value["action"]) == RuleAction.Accept
                    ? $"frees every {version} client from the rules about senders and from DNS lists, unless a rule before it matches"
                    : $"refuses every {version} client, unless a rule before it matches");
            }
        }
    }

    private static void WarnOfHastyPenalty(JsonValue? penalty, PenaltyRules rules, ErrorList errors)
    {
        if (rules.IsOn && rules.Refusals < PenaltyRefusalsAdvised)
        {
            errors.Warn("penalty.refusals", penalty!["refusals"]!.Line, "cuts off honest servers too: any of them is refused now and then");
        }
        else if (rules.IsOn && rules.Per > PenaltyPerAdvised)
        {
            errors.Warn("penalty.per", penalty!["per"]!.Line, "forgets refusals so slowly that whoever sends much honest mail is cut off in the end");
        }
    }

    private static void WarnOfRefusedOwn(JsonValue? senders, DomainPatternSet ours, ErrorList errors)
    {
        foreach (var (path, value) in DocumentBuilder.Items(senders?["rules"], "senders.rules"))
        {
            if (RuleActions.Parse(value["action"]) != RuleAction.Accept)
            {
                WarnWhenOurs(value["sender"], path, value.Line);
            }
        }

        foreach (var (path, value) in DocumentBuilder.Items(senders?["block"], "senders.block"))
        {
            WarnWhenOurs(value, path, value.Line);
        }

        void WarnWhenOurs(JsonValue? sender, string path, int line)
        {
            if (sender?.Parsed is SenderPattern { Domain: { } domain } && ours.Overlaps(domain))
            {
                errors.Warn(path, line, $"{domain} holds accepted domains, and your own users are refused too: against strangers write senders.ownDomainsFromOutside");
            }
        }
    }

    /// <summary>Without accepted domains it must be elsewhere; with them it likely is one that is missing.</summary>
    private static void WarnOfForeignPostmaster(JsonValue? postmaster, PolicyDocument document, DomainPatternSet ours, ErrorList errors)
    {
        if (document.Postmaster?.Domain is { } domain
            && document.AcceptedDomains.Count > 0
            && !ours.Covers(new DomainPattern(DomainPatternKind.Exact, domain)))
        {
            errors.Warn("postmaster", postmaster!.Line, $"{domain} is no accepted domain: by mail to bare postmaster any stranger can send there");
        }
    }

    private static void WarnOfWideIdentities(JsonValue? map, ErrorList errors)
    {
        foreach (var member in map?.Members ?? [])
        {
            foreach (var (path, value) in DocumentBuilder.Items(member.Value, KeyPath.Entry("senders.identities", member.Name)))
            {
                if (value.Parsed is SenderPattern { Domain: { Kind: DomainPatternKind.Subdomains } domain }
                    && !domain.Domain!.Name.Contains('.', StringComparison.Ordinal))
                {
                    errors.Warn(path, value.Line, $"may send as every domain that ends in {domain}: all of them must be yours");
                }
            }
        }
    }
}
