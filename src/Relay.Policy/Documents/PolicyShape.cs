using System.Net;
using Relay.Policy.Decisions;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Documents;

/// <summary>The shape of the whole policy document: every key there is, its type, and whether this version enforces it.</summary>
/// <remarks>docs/policy.md and docs/policy.schema.json say the same for people and editors; a test compares them with this table.</remarks>
internal static class PolicyShape
{
    private static readonly ListShape Networks = new(new TextShape<NetworkRange>(NetworkRange.TryParse));
    private static readonly TextShape<RouteTarget> NextHop = new(RouteTarget.TryParse);
    private static readonly ChoiceShape Tls = new([.. TlsLevels.Words]);
    private static readonly MapShape Recipients =
        new MapShape<DomainPattern>(DomainPattern.TryParse, new TextShape<string>(PolicyTexts.TryParseRecipients));
    private static readonly ListShape SenderList = new(new TextShape<SenderPattern>(SenderPattern.TryParse));
    private static readonly ChoiceShape Action = new("accept", "defer", "reject");
    private static readonly ListShape Answers = new(new TextShape<IPAddress>(PolicyTexts.TryParseAnswer));
    private static readonly NumberShape DestinationConnections = new(1, 10_000);
    private static readonly TextShape<Duration> Time = new(Duration.TryParse);

    private static readonly ObjectShape Relay = new(
        new KeyShape("authenticated", new BooleanShape()),
        new KeyShape("networks", Networks),
        new KeyShape("listeners", new ListShape(new TextShape<string>(PolicyTexts.TryParseListener))),
        new KeyShape("never", Networks));

    private static readonly ObjectShape Client = new(
        new KeyShape("network", new TextShape<NetworkRange>(NetworkRange.TryParse)),
        new KeyShape("name", new TextShape<DomainPattern>(DomainPattern.TryParse)),
        new KeyShape("action", Action));

    private static readonly ObjectShape Sender = new(
        new KeyShape("sender", new TextShape<SenderPattern>(SenderPattern.TryParse), IsRequired: true),
        new KeyShape("action", Action));

    private static readonly ObjectShape Senders = new(
        new KeyShape("rules", new ListShape(Sender)),
        new KeyShape("block", SenderList),
        new KeyShape("ownDomainsFromOutside", new ChoiceShape("accept", "requireAuthentication")),
        new KeyShape("unknownDomains", Action),
        new KeyShape("identities", new MapShape<string>(PolicyTexts.TryParseIdentity, SenderList)));

    private static readonly ObjectShape Auth = new(
        new KeyShape("user", new TextShape<string>(PolicyTexts.TryParseUser), IsRequired: true),
        new KeyShape("passwordFile", new TextShape<string>(PolicyTexts.TryParseFile), IsRequired: true));

    private static readonly ObjectShape RouteEntry = new(
        new KeyShape("domain", new TextShape<DomainPattern>(DomainPattern.TryParseOrAny), IsRequired: true),
        new KeyShape("to", NextHop),
        new KeyShape("tls", Tls),
        new KeyShape("auth", Auth),
        new KeyShape("connections", DestinationConnections),
        new KeyShape("rate", new TextShape<Rate>(Rate.TryParse)));

    private static readonly ObjectShape Limit = new(
        new KeyShape("name", new TextShape<string>(PolicyTexts.TryParseName), IsRequired: true),
        new KeyShape("key", new ListShape(new ChoiceShape("client", "network", "user", "senderDomain", "recipientDomain"), OrAlone: true)),
        new KeyShape("unit", new ChoiceShape("messages", "recipients", "bytes", "connections")),
        new KeyShape("rate", new TextShape<Rate>(Rate.TryParse), IsRequired: true),
        new KeyShape("burst", new NumberShape(1, 1_000_000_000)),
        new KeyShape("for", new ChoiceShape("all", "untrusted")),
        new KeyShape("unproven", new BooleanShape()));

    private static readonly ObjectShape Connections = new(
        new KeyShape("total", new NumberShape(1, 1_000_000)),
        new KeyShape("perClient", new NumberShape(1, 1_000_000)),
        new KeyShape("perNetwork", new NumberShape(1, 1_000_000)),
        new KeyShape("ratePerClient", new TextShape<Rate>(Rate.TryParse)),
        new KeyShape("pregreetWait", new TextShape<Duration>(PolicyTexts.TryParsePregreetWait)));

    private static readonly ObjectShape Penalty = new(
        new KeyShape("refusals", new NumberShape(0, 1_000_000)),
        new KeyShape("per", Time),
        new KeyShape("for", Time));

    private static readonly ObjectShape Breaker = new(
        new KeyShape("failures", new NumberShape(0, 1_000_000)),
        new KeyShape("percent", new NumberShape(1, 100)),
        new KeyShape("rise", new NumberShape(0, 1_000_000)),
        new KeyShape("per", Time));

    private static readonly ObjectShape Greylisting = new(
        new KeyShape("delay", Time),
        new KeyShape("retryWindow", Time),
        new KeyShape("remember", Time));

    private static readonly ObjectShape DnsBlocklist = new(
        new KeyShape("zone", new TextShape<MailDomain>(PolicyTexts.TryParseZone), IsRequired: true),
        new KeyShape("answers", Answers),
        new KeyShape("action", new ChoiceShape("reject", "defer", "tarpit", "log")));

    private static readonly ObjectShape DnsAllowlist = new(
        new KeyShape("zone", new TextShape<MailDomain>(PolicyTexts.TryParseZone), IsRequired: true),
        new KeyShape("answers", Answers));

    private static readonly ObjectShape Delivery = new(
        new KeyShape("connectionsPerDestination", DestinationConnections),
        new KeyShape("ratePerDestination", new TextShape<Rate>(Rate.TryParse)),
        new KeyShape("retry", new TextShape<RetrySchedule>(RetrySchedule.TryParse)),
        new KeyShape("expire", Time),
        new KeyShape("warnAfter", Time),
        new KeyShape("nextHopNetworks", Networks),
        new KeyShape("tls", Tls));

    private static readonly ObjectShape Message = new(
        new KeyShape("size", new SizeShape(new ByteSize(1L << 10), new ByteSize(2L << 30))),
        new KeyShape("recipients", new NumberShape(1, 5_000)),
        new KeyShape("hops", new NumberShape(1, 1_000)));

    /// <summary>The document.</summary>
    public static readonly ObjectShape Root = new(
        new KeyShape("acceptedDomains", new ListShape(new TextShape<DomainPattern>(DomainPattern.TryParse))),
        new KeyShape("recipients", Recipients),
        new KeyShape("calloutTrouble", new ChoiceShape("defer", "accept")),
        new KeyShape("postmaster", new TextShape<MailPath>(PolicyTexts.TryParsePostmaster)),
        new KeyShape("relay", Relay),
        new KeyShape("clients", new ListShape(Client)),
        new KeyShape("clientNames", new BooleanShape()),
        new KeyShape("senders", Senders),
        new KeyShape("routes", new ListShape(RouteEntry)),
        new KeyShape("limits", new ListShape(Limit)),
        new KeyShape("onLimitUnavailable", new ChoiceShape("localShare", "defer", "allow")),
        new KeyShape("connections", Connections),
        new KeyShape("penalty", Penalty),
        new KeyShape("breaker", Breaker),
        new KeyShape("greylisting", Greylisting),
        new KeyShape("dnsBlocklists", new ListShape(DnsBlocklist)),
        new KeyShape("dnsAllowlists", new ListShape(DnsAllowlist)),
        new KeyShape("delivery", Delivery),
        new KeyShape("message", Message));

    /// <summary>Where else in the document a key of this name belongs: <c>relay.networks</c> for <c>networks</c>; null when
    /// nowhere.</summary>
    public static string? FindElsewhere(string name)
    {
        foreach (var key in Root.Keys)
        {
            if (string.Equals(key.Name, name, StringComparison.Ordinal))
            {
                return key.Name;
            }

            var inner = key.Shape is ListShape list ? list.Item : key.Shape;
            if (inner is ObjectShape group && group.Keys.Any(member => string.Equals(member.Name, name, StringComparison.Ordinal)))
            {
                return key.Shape is ListShape ? $"{key.Name}[].{name}" : $"{key.Name}.{name}";
            }
        }

        return null;
    }
}
