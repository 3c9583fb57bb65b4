using Relay.Policy.Findings;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>recipients</c>, and looks at what it says of <c>acceptedDomains</c>.</summary>
internal static class RecipientBuilder
{
    private const string Key = "recipients";

    /// <summary>The entries. One that no accepted domain is under is an error: somebody thinks that it is checked.</summary>
    public static List<RecipientRule> Build(JsonValue? map, IReadOnlyList<DomainPattern> accepted, ErrorList errors)
    {
        var rules = new List<RecipientRule>();
        var ours = new DomainPatternSet(accepted);
        foreach (var member in map?.Members ?? [])
        {
            if (!DomainPattern.TryParse(member.Name, out var pattern, out _) || member.Value.Parsed is not string text)
            {
                continue;
            }

            if (!ours.Overlaps(pattern))
            {
                errors.Add(KeyPath.Entry(Key, member.Name), member.Line, $"{pattern} is not in acceptedDomains: recipients of other domains are not checked");
            }

            rules.Add(text.StartsWith(PolicyTexts.FilePrefix, StringComparison.Ordinal)
                ? new RecipientRule(pattern, RecipientCheckKind.File, text[PolicyTexts.FilePrefix.Length..], member.Line)
                : new RecipientRule(pattern, text == PolicyTexts.Callout ? RecipientCheckKind.Callout : null, null, member.Line));
        }

        return rules;
    }

    /// <summary>Warns of every accepted domain whose recipients are not known before they are accepted.</summary>
    public static void Warn(JsonValue root, PolicyDocument document, ErrorList errors)
    {
        var known = new DomainPatternSet(document.Recipients.Where(rule => rule.Kind is not null).Select(rule => rule.Pattern));
        foreach (var (_, value) in DocumentBuilder.Items(root["acceptedDomains"], "acceptedDomains"))
        {
            if (value.Parsed is DomainPattern pattern && !known.Covers(pattern))
            {
                errors.Warn(
                    KeyPath.Entry(Key, pattern.ToString()),
                    value.Line,
                    "recipients are accepted whether they exist or not: what the next hop refuses becomes a bounce");
            }
        }
    }
}
