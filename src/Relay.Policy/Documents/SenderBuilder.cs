using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>senders</c>.</summary>
internal static class SenderBuilder
{
    /// <summary>The rules.</summary>
    public static SenderRules Build(JsonValue? senders) => new() { Identities = BuildIdentities(senders?["identities"]) };

    private static Dictionary<string, IReadOnlyList<SenderPattern>>? BuildIdentities(JsonValue? map)
    {
        if (map is null)
        {
            return null;
        }

        var identities = new Dictionary<string, IReadOnlyList<SenderPattern>>(StringComparer.Ordinal);
        foreach (var member in map.Members)
        {
            identities.TryAdd(member.Name, [.. member.Value.Items.Select(item => item.Parsed).OfType<SenderPattern>()]);
        }

        return identities;
    }
}
