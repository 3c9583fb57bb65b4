using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>clients</c>.</summary>
internal static class ClientBuilder
{
    /// <summary>The rules in order. Each names a network or a name: of both nobody could tell whether one is enough.</summary>
    public static List<ClientRule> Build(JsonValue? list, ErrorList errors)
    {
        var rules = new List<ClientRule>();
        foreach (var (path, value) in DocumentBuilder.Items(list, "clients"))
        {
            if (value.Kind == JsonKind.Object && value["network"] is null == value["name"] is null)
            {
                errors.Add(path, value.Line, "needs a network or a name, and not both");
                continue;
            }

            var action = RuleActions.Parse(value["action"]);
            if (value["network"]?.Parsed is NetworkRange network)
            {
                rules.Add(new ClientRule(network, null, action));
            }
            else if (value["name"]?.Parsed is DomainPattern name)
            {
                rules.Add(new ClientRule(null, name, action));
            }
        }

        return rules;
    }
}
