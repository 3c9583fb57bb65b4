using System.Globalization;
using System.Numerics;
using Relay.Policy.Decisions;

namespace Relay.Policy.Tests.Decisions;

/// <summary>A policy as lists of texts, and decisions about it made naively: a walk over everything, on texts and big numbers.</summary>
/// <remarks>Shares no code with what it judges. Not written for speed, but to be seen to be right.</remarks>
internal sealed record DecisionOracle(
    string[] AcceptedDomains,
    string[] Networks,
    string[] Listeners,
    string[] Never,
    string? Postmaster,
    (string Domain, string Host)[] Routes,
    bool Authenticated = false)
{
    public string ToJson()
    {
        var routes = Routes.Select(route => $$"""{ "domain": "{{route.Domain}}", "to": "smtp://{{route.Host}}" }""");
        var postmaster = Postmaster is null ? string.Empty : $"\"postmaster\": \"{Postmaster}\",";
        return $$"""
            {
              {{postmaster}}
              "acceptedDomains": {{List(AcceptedDomains)}},
              "relay": { "authenticated": {{(Authenticated ? "true" : "false")}}, "networks": {{List(Networks)}}, "listeners": {{List(Listeners)}}, "never": {{List(Never)}} },
              "routes": [ {{string.Join(", ", routes)}} ]
            }
            """;
    }

    /// <summary>What is to come out for a client and a recipient: the action and the rule.</summary>
    public (VerdictAction Action, string Rule) Decide(string client, string listener, string recipient, string? user = null)
    {
        if (recipient.Equals("postmaster", StringComparison.OrdinalIgnoreCase))
        {
            return Postmaster is not null || AcceptedDomains.Any(pattern => pattern[0] != '.')
                ? (VerdictAction.Accept, "postmaster")
                : (VerdictAction.Refuse, "default.postmaster");
        }

        var domain = recipient[(recipient.LastIndexOf('@') + 1)..].ToLowerInvariant();
        if (BestPattern(AcceptedDomains, domain) is { } accepted)
        {
            return (VerdictAction.Accept, $"acceptedDomains[\"{accepted}\"]");
        }

        if (BestNetwork(Never, client) is { } never)
        {
            return (VerdictAction.Refuse, $"relay.never[\"{never}\"]");
        }

        var allowing = Authenticated && user is not null ? "relay.authenticated" : BestNetwork(Networks, client) is { } network ? $"relay.networks[\"{network}\"]"
            : Listeners.Contains(listener) ? $"relay.listeners[\"{listener}\"]"
            : null;
        if (allowing is null)
        {
            return (VerdictAction.Refuse, "default.relay");
        }

        // The only address literals here: one public, one not.
        return domain == "[127.0.0.1]" && Routes.All(route => route.Domain != "*")
            ? (VerdictAction.Refuse, "delivery.nextHopNetworks")
            : (VerdictAction.Accept, allowing);
    }

    /// <summary>The host of the route for a domain; null: by MX.</summary>
    public string? RouteHost(string domain)
    {
        var best = BestPattern([.. Routes.Select(route => route.Domain)], domain);
        return best is null ? null : Routes.First(route => route.Domain == best).Host;
    }

    /// <summary>True when the client may send to any domain.</summary>
    public bool HasRight(string client, string listener, string? user) => BestNetwork(Never, client) is null
        && ((Authenticated && user is not null) || BestNetwork(Networks, client) is not null || Listeners.Contains(listener));

    /// <summary>True when any rule of the policy names this client or its listener.</summary>
    public bool Names(string client, string listener) => BestNetwork(Networks, client) is not null || Listeners.Contains(listener);

    internal static string? BestPattern(string[] patterns, string domain)
    {
        return patterns
            .Where(pattern => Matches(pattern, domain))
            .OrderByDescending(pattern => pattern == "*" ? 0 : pattern == domain ? 1_000 : pattern.Length)
            .FirstOrDefault();
    }

    internal static bool Matches(string pattern, string domain)
    {
        if (pattern == "*")
        {
            return true;
        }

        var isLiteral = domain.StartsWith('[');
        return !isLiteral && (pattern == domain || (pattern[0] == '.' && domain.EndsWith(pattern, StringComparison.Ordinal)));
    }

    private static string? BestNetwork(string[] networks, string client) => networks
        .Where(network => Holds(network, client))
        .OrderByDescending(network => network.Contains('/', StringComparison.Ordinal) ? Prefix(network) : 128)
        .FirstOrDefault();

    internal static bool Holds(string network, string client)
    {
        var (address, bits) = Number(network.Split('/')[0]);
        var (clientAddress, clientBits) = Number(client);
        var shift = bits - Math.Min(bits, network.Contains('/', StringComparison.Ordinal) ? Prefix(network) : bits);
        return bits == clientBits && address >> shift == clientAddress >> shift;
    }

    private static int Prefix(string network) => int.Parse(network.Split('/')[1], CultureInfo.InvariantCulture);

    /// <summary>Dotted-quad IPv4, also behind ::ffff:, or IPv6 with at most one gap.</summary>
    private static (BigInteger Number, int Bits) Number(string address)
    {
        address = address.Contains('.', StringComparison.Ordinal) ? address[(address.LastIndexOf(':') + 1)..] : address;
        if (address.Contains('.', StringComparison.Ordinal))
        {
            return (Sum(address.Split('.'), 256, NumberStyles.None), 32);
        }

        var halves = address.Split("::");
        var groups = halves[0].Split(':', StringSplitOptions.RemoveEmptyEntries).ToList();
        var tail = halves.Length == 1 ? [] : halves[1].Split(':', StringSplitOptions.RemoveEmptyEntries);
        groups.AddRange(Enumerable.Repeat("0", 8 - groups.Count - tail.Length));
        groups.AddRange(tail);
        return (Sum(groups, 65536, NumberStyles.HexNumber), 128);
    }

    private static BigInteger Sum(IEnumerable<string> digits, int numberBase, NumberStyles style) => digits.Aggregate(
        BigInteger.Zero, (sum, digit) => (sum * numberBase) + int.Parse(digit, style, CultureInfo.InvariantCulture));

    private static string List(string[] items) => $"[{string.Join(", ", items.Select(item => $"\"{item}\""))}]";
}
