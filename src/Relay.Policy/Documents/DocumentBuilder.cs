using System.Globalization;
using Relay.Policy.Accounts;
using Relay.Policy.Decisions;
using Relay.Policy.Greylisting;
using Relay.Policy.Penalties;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Server;

namespace Relay.Policy.Documents;

/// <summary>Makes the document of checked values, and looks at what no single value shows: open nets, routes that contradict each
/// other.</summary>
/// <remarks>Takes values that did not fit their shape as absent, so that one parse tells of everything that is wrong.</remarks>
internal static class DocumentBuilder
{
    private const int MessageBytesAdvised = 64 << 10;
    private const int RecipientsAdvised = 100;

    /// <summary>The document; only of use when there are no errors.</summary>
    public static PolicyDocument Build(JsonValue root, ErrorList errors)
    {
        var defaults = new PolicyDocument();
        var delivery = BuildDelivery(root["delivery"], defaults.Delivery, errors);
        var routes = RouteBuilder.Build(root["routes"], delivery.Tls, errors);
        var accepted = BuildAcceptedDomains(root["acceptedDomains"], errors);
        var document = new PolicyDocument
        {
            AcceptedDomains = accepted,
            Recipients = RecipientBuilder.Build(root["recipients"], accepted, errors),
            AcceptsOnCalloutTrouble = root["calloutTrouble"]?.Parsed is "accept",
            Postmaster = root["postmaster"]?.Parsed as MailPath,
            Relay = BuildRelay(root["relay"], errors),
            Clients = ClientBuilder.Build(root["clients"], errors),
            ClientNames = root["clientNames"]?.Parsed is true,
            Senders = SenderBuilder.Build(root["senders"]),
            DnsBlocklists = DnsListBuilder.BuildBlocklists(root["dnsBlocklists"], errors),
            DnsAllowlists = DnsListBuilder.BuildAllowlists(root["dnsAllowlists"], errors),
            Routes = routes.Routes,
            TlsRoutes = routes.TlsRoutes,
            Limits = LimitBuilder.Build(root["limits"], errors),
            OnLimitUnavailable = LimitBuilder.FallbackOf(root["onLimitUnavailable"]),
            Connections = BuildConnections(root["connections"], defaults.Connections),
            Penalty = BuildPenalty(root["penalty"], defaults.Penalty),
            Breaker = BuildBreaker(root["breaker"], defaults.Breaker),
            Greylisting = BuildGreylisting(root["greylisting"], defaults.Greylisting),
            Delivery = delivery,
            Message = BuildMessage(root["message"], defaults.Message, errors),
            Places = PolicyPlaces.Of(root),
        };
        RecipientBuilder.Warn(root, document, errors);
        WarnOfPostmaster(root["acceptedDomains"], document, errors);
        RuleWarnings.Warn(root, document, errors);
        RiskWarnings.Warn(root, document, errors);
        LimitWarnings.Warn(root, document, errors);
        WarnOfAuthenticated(root["relay"], document, errors);
        return document;
    }

    private static List<DomainPattern> BuildAcceptedDomains(JsonValue? list, ErrorList errors)
    {
        var patterns = new List<DomainPattern>();
        WarnOfTwice<DomainPattern>(list, "acceptedDomains", errors);
        foreach (var (path, value) in Items(list, "acceptedDomains"))
        {
            if (value.Parsed is not DomainPattern pattern)
            {
                continue;
            }

            patterns.Add(pattern);
            if (pattern.Kind == DomainPatternKind.Subdomains && !pattern.Domain!.Name.Contains('.', StringComparison.Ordinal))
            {
                errors.Warn(path, value.Line, $"accepts mail for every domain that ends in {pattern}: all of them must be yours");
            }
        }

        return patterns;
    }

    private static void WarnOfPostmaster(JsonValue? list, PolicyDocument document, ErrorList errors)
    {
        if (document.Postmaster is null
            && document.AcceptedDomains.Count > 0
            && document.AcceptedDomains.All(pattern => pattern.Kind != DomainPatternKind.Exact))
        {
            errors.Warn("postmaster", list!.Line, "mail to bare postmaster is refused: no accepted domain is exact, so name a postmaster");
        }
    }

    private static void WarnOfAuthenticated(JsonValue? relay, PolicyDocument document, ErrorList errors)
    {
        if (document.Relay.Authenticated && document.Senders.Identities is null)
        {
            errors.Warn(
                "relay.authenticated",
                relay!["authenticated"]!.Line,
                "authenticated users may send as anyone: say in senders.identities which senders are whose");
        }
    }

    private static RelayRules BuildRelay(JsonValue? relay, ErrorList errors)
    {
        var networks = BuildTrustedNetworks(relay?["networks"], errors);

        var listeners = new List<ListenerReference>();
        foreach (var (path, value) in Items(relay?["listeners"], "relay.listeners"))
        {
            if (value.Parsed is string name)
            {
                listeners.Add(new ListenerReference(name, path, value.Line));
            }
        }

        return new RelayRules
        {
            Authenticated = relay?["authenticated"]?.Parsed is true,
            Networks = networks,
            Listeners = listeners,
            Never = Networks(relay?["never"], "relay.never", errors),
        };
    }

    private static List<NetworkRange> BuildTrustedNetworks(JsonValue? list, ErrorList errors)
    {
        const string Key = "relay.networks";
        var networks = Networks(list, Key, errors);
        // One that is an error by itself need not be one again in the sum.
        var taken = new List<NetworkRange>();
        foreach (var (path, value) in Items(list, Key))
        {
            if (value.Parsed is NetworkRange range && TrustedNetworks.Check(range, path, value.Line, errors))
            {
                taken.Add(range);
            }
        }

        TrustedNetworks.CheckTogether(taken, Key, list?.Line ?? 0, errors);
        return networks;
    }

    private static ConnectionLimits BuildConnections(JsonValue? connections, ConnectionLimits defaults) => new()
    {
        Total = connections?["total"]?.Parsed as int? ?? defaults.Total,
        PerClient = connections?["perClient"]?.Parsed as int? ?? defaults.PerClient,
        PerNetwork = connections?["perNetwork"]?.Parsed as int? ?? defaults.PerNetwork,
        RatePerClient = connections?["ratePerClient"]?.Parsed as Rate? ?? defaults.RatePerClient,
        PregreetWait = (connections?["pregreetWait"]?.Parsed as Duration?)?.Value ?? defaults.PregreetWait,
    };

    private static PenaltyRules BuildPenalty(JsonValue? penalty, PenaltyRules defaults) => new()
    {
        Refusals = penalty?["refusals"]?.Parsed as int? ?? defaults.Refusals,
        Per = (penalty?["per"]?.Parsed as Duration?)?.Value ?? defaults.Per,
        For = (penalty?["for"]?.Parsed as Duration?)?.Value ?? defaults.For,
    };

    private static BreakerRules BuildBreaker(JsonValue? breaker, BreakerRules defaults) => new()
    {
        Failures = breaker?["failures"]?.Parsed as int? ?? defaults.Failures,
        Percent = breaker?["percent"]?.Parsed as int? ?? defaults.Percent,
        Rise = breaker?["rise"]?.Parsed as int? ?? defaults.Rise,
        Per = (breaker?["per"]?.Parsed as Duration?)?.Value ?? defaults.Per,
    };

    private static GreylistRules BuildGreylisting(JsonValue? greylisting, GreylistRules defaults) => new()
    {
        Delay = (greylisting?["delay"]?.Parsed as Duration?)?.Value ?? defaults.Delay,
        RetryWindow = (greylisting?["retryWindow"]?.Parsed as Duration?)?.Value ?? defaults.RetryWindow,
        Remember = (greylisting?["remember"]?.Parsed as Duration?)?.Value ?? defaults.Remember,
    };

    private static DeliveryRules BuildDelivery(JsonValue? delivery, DeliveryRules defaults, ErrorList errors)
    {
        var rules = new DeliveryRules
        {
            ConnectionsPerDestination = delivery?["connectionsPerDestination"]?.Parsed as int? ?? defaults.ConnectionsPerDestination,
            RatePerDestination = delivery?["ratePerDestination"]?.Parsed as Rate? ?? defaults.RatePerDestination,
            Retry = delivery?["retry"]?.Parsed as RetrySchedule ?? defaults.Retry,
            Expire = (delivery?["expire"]?.Parsed as Duration?)?.Value ?? defaults.Expire,
            WarnAfter = (delivery?["warnAfter"]?.Parsed as Duration?)?.Value ?? defaults.WarnAfter,
            NextHopNetworks = Networks(delivery?["nextHopNetworks"], "delivery.nextHopNetworks", errors),
            Tls = TlsLevels.Parse(delivery?["tls"]?.Parsed as string) ?? defaults.Tls,
        };
        if (rules.WarnAfter >= rules.Expire)
        {
            // One of the two is there: the defaults are in order.
            var (key, value) = delivery!["warnAfter"] is { } warnAfter ? ("delivery.warnAfter", warnAfter) : ("delivery.expire", delivery["expire"]!);
            errors.Warn(key, value.Line, $"nobody is told of a delay: delivery.warnAfter ({new Duration(rules.WarnAfter)}) is not less than delivery.expire ({new Duration(rules.Expire)})");
        }

        return rules;
    }

    private static MessageLimits BuildMessage(JsonValue? message, MessageLimits defaults, ErrorList errors)
    {
        var limits = new MessageLimits(
            SizeMax: (message?["size"]?.Parsed as ByteSize?)?.Bytes ?? defaults.SizeMax,
            RecipientsMax: message?["recipients"]?.Parsed as int? ?? defaults.RecipientsMax,
            HopsMax: message?["hops"]?.Parsed as int? ?? defaults.HopsMax);
        if (limits.SizeMax < MessageBytesAdvised)
        {
            errors.Warn("message.size", message!["size"]!.Line, "RFC 5321 section 4.5.3.1.7 asks for at least 64 KiB");
        }

        if (limits.RecipientsMax < RecipientsAdvised)
        {
            errors.Warn("message.recipients", message!["recipients"]!.Line, "RFC 5321 section 4.5.3.1.8 asks for at least 100 recipients");
        }

        return limits;
    }

    private static List<NetworkRange> Networks(JsonValue? list, string path, ErrorList errors)
    {
        var networks = new List<NetworkRange>();
        WarnOfTwice<NetworkRange>(list, path, errors);
        foreach (var (_, value) in Items(list, path))
        {
            if (value.Parsed is NetworkRange range)
            {
                networks.Add(range);
            }
        }

        return networks;
    }

    /// <summary>Warns of an item that is there already: harmless, but one of the two was likely meant to be another.</summary>
    private static void WarnOfTwice<T>(JsonValue? list, string path, ErrorList errors)
        where T : notnull
    {
        var lines = new Dictionary<T, int>();
        foreach (var (itemPath, value) in Items(list, path))
        {
            if (value.Parsed is T item && !lines.TryAdd(item, value.Line))
            {
                errors.Warn(itemPath, value.Line, string.Create(
                    CultureInfo.InvariantCulture, $"{item} is there twice: on line {lines[item]} and on line {value.Line}"));
            }
        }
    }

    /// <summary>The items of a list with their paths; none of what is no list.</summary>
    internal static IEnumerable<(string Path, JsonValue Value)> Items(JsonValue? list, string path)
    {
        for (var i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            yield return (KeyPath.Item(path, i), list!.Items[i]);
        }
    }
}
