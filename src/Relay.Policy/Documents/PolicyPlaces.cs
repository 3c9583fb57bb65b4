using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>The lines of a document's rules, so that a verdict can say where it was written.</summary>
internal sealed class PolicyPlaces
{
    /// <summary>No lines: the document was made by code.</summary>
    public static readonly PolicyPlaces None = new();

    /// <summary>What names an entry of a list that is an object.</summary>
    private static readonly string[] Naming = ["network", "name", "sender", "zone"];

    private readonly Dictionary<(string Key, string Entry), int> _lines = [];

    private PolicyPlaces()
    {
    }

    /// <summary>The lines of a checked document.</summary>
    public static PolicyPlaces Of(JsonValue root)
    {
        var places = new PolicyPlaces();
        places.AddKeys(root, string.Empty);
        return places;
    }

    /// <summary>The line of a key, like <c>relay.authenticated</c>; null when it is not there.</summary>
    public int? Find(string key) => Find(key, string.Empty);

    /// <summary>The line of an entry: a value of a list, or a key of a map, in canonical text.</summary>
    public int? Find(string key, string entry) => _lines.TryGetValue((key, entry), out var line) ? line : null;

    private void AddKeys(JsonValue group, string prefix)
    {
        foreach (var member in group.Members)
        {
            var key = prefix + member.Name;
            _lines.TryAdd((key, string.Empty), member.Line);
            foreach (var item in member.Value.Items)
            {
                AddItem(key, item);
            }

            if (key is "recipients" or "senders.identities")
            {
                AddEntries(key, member.Value);
            }
            else if (prefix.Length == 0)
            {
                AddKeys(member.Value, key + ".");
            }
        }
    }

    private void AddItem(string key, JsonValue item)
    {
        var named = Array.Find(Naming, name => item[name] is not null);
        if ((named is null ? item : item[named]!).Parsed?.ToString() is { } text)
        {
            _lines.TryAdd((key, text), item.Line);
        }
    }

    private void AddEntries(string key, JsonValue map)
    {
        foreach (var member in map.Members)
        {
            var name = DomainPattern.TryParse(member.Name, out var pattern, out _) && key == "recipients" ? pattern.ToString() : member.Name;
            _lines.TryAdd((key, name), member.Line);
        }
    }
}
