using System.Net;
using Relay.Policy.Greylisting;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Documents;

/// <summary>Warns of rules that are legal and do nothing, or something that is likely not meant.</summary>
internal static class RuleWarnings
{
    private const string Covered = "never matches: a rule before it covers it";

    /// <summary>Looks at the rules of a document.</summary>
    public static void Warn(JsonValue root, PolicyDocument document, ErrorList errors)
    {
        WarnOfIdleNever(root["relay"]?["never"], document.Relay, errors);
        WarnOfMissingRoutes(root["acceptedDomains"], document, errors);
        WarnOfCoveredClients(root["clients"], errors);
        WarnOfCoveredSenders(root["senders"], errors);
        WarnOfIdentities(root["senders"]?["identities"], errors);
        WarnOfLists(root["dnsBlocklists"], "dnsBlocklists", errors);
        WarnOfLists(root["dnsAllowlists"], "dnsAllowlists", errors);
        if (document.DnsAllowlists.Count > 0 && document.DnsBlocklists.Count == 0 && !document.Greylisting.IsOn)
        {
            errors.Warn("dnsAllowlists", root["dnsAllowlists"]!.Line, "does nothing: there are no dnsBlocklists that it could free a client from");
        }

        WarnOfGreylisting(root["greylisting"], document.Greylisting, errors);
    }

    private static void WarnOfGreylisting(JsonValue? greylisting, GreylistRules rules, ErrorList errors)
    {
        if (greylisting is not null && !rules.IsOn)
        {
            errors.Warn("greylisting", greylisting.Line, "does nothing: without delay nobody is told to come again");
        }
        else if (rules.RetryWindow <= rules.Delay)
        {
            errors.Warn("greylisting.retryWindow", greylisting!.Line, "is not longer than delay: nobody can come again in time, and all mail of strangers is refused");
        }
        else if (rules.IsOn && rules.Remember <= rules.Delay)
        {
            errors.Warn("greylisting.remember", greylisting!.Line, "is not longer than delay: who came again is forgotten so soon that nearly every mail of strangers waits");
        }
    }

    private static void WarnOfIdleNever(JsonValue? list, RelayRules rules, ErrorList errors)
    {
        if (rules.Authenticated || rules.Listeners.Count > 0)
        {
            return;
        }

        var networks = new NetworkTable<string>(rules.Networks, range => range.ToString());
        var firsts = rules.Networks.ToLookup(range => range.IsIPv4, range => range.First).ToDictionary(group => group.Key, group => group.Order().ToArray());
        foreach (var (path, value) in DocumentBuilder.Items(list, "relay.never"))
        {
            if (value.Parsed is NetworkRange range
                && networks.Find(range.First, range.IsIPv4) is null
                && !BeginsIn(range, firsts.GetValueOrDefault(range.IsIPv4) ?? []))
            {
                errors.Warn(path, value.Line, $"shadows nothing: no line of relay gives clients of {range} a right");
            }
        }
    }

    private static bool BeginsIn(NetworkRange range, UInt128[] firsts)
    {
        var index = Array.BinarySearch(firsts, range.First);
        index = index < 0 ? ~index : index;
        return index < firsts.Length && firsts[index] <= range.Last;
    }

    private static void WarnOfMissingRoutes(JsonValue? list, PolicyDocument document, ErrorList errors)
    {
        var patterns = document.Routes.Select(
            route => DomainPattern.TryParseOrAny(route.Pattern, out var pattern, out var error) ? pattern : throw new ArgumentException(error)).ToList();
        var named = new DomainPatternSet(patterns.Where(pattern => pattern.Kind != DomainPatternKind.Any));
        var hasSmartHost = patterns.Exists(pattern => pattern.Kind == DomainPatternKind.Any);
        foreach (var (path, value) in DocumentBuilder.Items(list, "acceptedDomains"))
        {
            if (value.Parsed is DomainPattern pattern && !named.Covers(pattern))
            {
                errors.Warn(path, value.Line, hasSmartHost
                    ? $"{pattern} has only the route of *: its mail goes to the smart host, and likely comes back"
                    : $"{pattern} has no route: its mail goes by MX, which may lead to this relay itself");
            }
        }
    }

    private static void WarnOfCoveredClients(JsonValue? list, ErrorList errors)
    {
        var names = new DomainPatternSet([]);
        var networks = new Dictionary<NetworkRange, (int Order, string Path, int Line)>();
        foreach (var (path, value) in DocumentBuilder.Items(list, "clients"))
        {
            if (value["name"]?.Parsed is DomainPattern name)
            {
                WarnWhenCovered(names, name, path, value, errors);
            }
            else if (value["network"]?.Parsed is NetworkRange range && !networks.TryAdd(range, (networks.Count, path, value.Line)))
            {
                errors.Warn(path, value.Line, Covered);
            }
        }

        // The value of a network is the first rule in order of all that hold it.
        _ = new NetworkTable<Ordered<string>>([.. networks.Keys], (range, around) =>
        {
            var (order, path, line) = networks[range];
            if (around is not null && around.Order < order)
            {
                errors.Warn(path, line, Covered);
            }

            return Ordered<string>.First(new Ordered<string>(order, path), around)!;
        });
    }

    private static void WarnOfCoveredSenders(JsonValue? senders, ErrorList errors)
    {
        var domains = new DomainPatternSet([]);
        var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var rules = DocumentBuilder.Items(senders?["rules"], "senders.rules").Select(rule => (rule.Path, rule.Value, Sender: rule.Value["sender"]));
        var block = DocumentBuilder.Items(senders?["block"], "senders.block").Select(rule => (rule.Path, rule.Value, Sender: (JsonValue?)rule.Value));
        foreach (var (path, value, sender) in rules.Concat(block))
        {
            switch (sender?.Parsed)
            {
                case SenderPattern { Domain: { } domain }:
                    WarnWhenCovered(domains, domain, path, value, errors);
                    break;
                case SenderPattern { Address: { } address }:
                    var isCovered = address.Domain!.Literal is null && domains.Covers(new DomainPattern(DomainPatternKind.Exact, address.Domain));
                    if (!addresses.Add(KeyOf(address)) || isCovered)
                    {
                        errors.Warn(path, value.Line, Covered);
                    }

                    break;
            }
        }
    }

    private static string KeyOf(MailPath address)
    {
        Span<char> buffer = stackalloc char[SenderKey.LengthMax];
        return SenderKey.Write(address, buffer).ToString();
    }

    private static void WarnWhenCovered(DomainPatternSet before, DomainPattern pattern, string path, JsonValue value, ErrorList errors)
    {
        if (before.Covers(pattern))
        {
            errors.Warn(path, value.Line, Covered);
        }

        before.Add(pattern);
    }

    private static void WarnOfIdentities(JsonValue? map, ErrorList errors)
    {
        const string Key = "senders.identities";
        if (map is { Members.Count: 0 })
        {
            errors.Warn(Key, map.Line, "no authenticated user may name any sender: the map is empty");
        }

        foreach (var member in map?.Members ?? [])
        {
            if (member.Value is { Kind: JsonKind.List, Items.Count: 0 })
            {
                errors.Warn(KeyPath.Entry(Key, member.Name), member.Line, "may name no sender: the list is empty");
            }
        }
    }

    private static void WarnOfLists(JsonValue? list, string key, ErrorList errors)
    {
        foreach (var (path, value) in DocumentBuilder.Items(list, key))
        {
            if (value["answers"] is { Kind: JsonKind.List, Items.Count: 0 } none)
            {
                errors.Warn($"{path}.answers", none.Line, "does nothing: no answer of the list counts");
            }

            foreach (var (answerPath, answer) in DocumentBuilder.Items(value["answers"], $"{path}.answers"))
            {
                if (answer.Parsed is IPAddress address && MeansSomethingElse(address))
                {
                    errors.Warn(answerPath, answer.Line, $"{address} is how lists say that they do not serve the asker: then every client would count as listed");
                }
            }
        }
    }

    /// <summary>Lists say with 127.255.255.x that a question is refused; 127.0.0.1 is what a resolver that lies says.</summary>
    private static bool MeansSomethingElse(IPAddress answer) =>
        answer.GetAddressBytes() is [127, 255, 255, _] or [127, 0, 0, 1];
}
