using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>senders</c>.</summary>
internal static class SenderBuilder
{
    /// <summary>The rules.</summary>
    public static SenderRules Build(JsonValue? senders) => new()
    {
        Rules = BuildRules(senders?["rules"]),
        Block = PatternsOf(senders?["block"]),
        RequireAuthenticationForOwnDomains = senders?["ownDomainsFromOutside"]?.Parsed is "requireAuthentication",
        UnknownDomains = RuleActions.Parse(senders?["unknownDomains"]),
        Identities = BuildIdentities(senders?["identities"]),
    };

    private static List<SenderRule> BuildRules(JsonValue? list)
    {
        var rules = new List<SenderRule>();
        foreach (var value in list?.Items ?? [])
        {
            if (value["sender"]?.Parsed is SenderPattern sender)
            {
                rules.Add(new SenderRule(sender, RuleActions.Parse(value["action"])));
            }
        }

        return rules;
    }

    private static List<SenderPattern> PatternsOf(JsonValue? list) => [.. (list?.Items ?? []).Select(item => item.Parsed).OfType<SenderPattern>()];

    private static Dictionary<string, IReadOnlyList<SenderPattern>>? BuildIdentities(JsonValue? map)
    {
        if (map is null)
        {
            return null;
        }

        var identities = new Dictionary<string, IReadOnlyList<SenderPattern>>(StringComparer.Ordinal);
        foreach (var member in map.Members)
        {
            identities.TryAdd(member.Name, PatternsOf(member.Value));
        }

        return identities;
    }
}
