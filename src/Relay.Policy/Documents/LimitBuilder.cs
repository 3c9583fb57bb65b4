using System.Globalization;
using Relay.Policy.Limits;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>limits</c> and <c>onLimitUnavailable</c>.</summary>
internal static class LimitBuilder
{
    private const string Key = "limits";

    /// <summary>The limits in order.</summary>
    public static List<RateLimit> Build(JsonValue? list, ErrorList errors)
    {
        var limits = new List<RateLimit>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        if (list?.Items.Count > RateLimit.LimitsMax)
        {
            errors.Add(Key, list.Line, string.Create(
                CultureInfo.InvariantCulture, $"{list.Items.Count} limits are more than the {RateLimit.LimitsMax} that each mail can be held against"));
            return limits;
        }

        foreach (var (path, value) in DocumentBuilder.Items(list, Key))
        {
            if (value["name"] is { Parsed: string name } named && value["rate"]?.Parsed is Rate rate)
            {
                if (!lines.TryAdd(name, named.Line))
                {
                    errors.Add($"{path}.name", named.Line, string.Create(
                        CultureInfo.InvariantCulture, $"{name} is the name of a limit already, on line {lines[name]}: each counts by its own"));
                }

                limits.Add(BuildLimit(name, rate, path, value, errors));
            }
        }

        return limits;
    }

    /// <summary>What happens while a limit cannot be asked.</summary>
    public static LimitFallback FallbackOf(JsonValue? value) => (value?.Parsed as string) switch
    {
        "defer" => LimitFallback.Defer,
        "allow" => LimitFallback.Allow,
        _ => LimitFallback.LocalShare,
    };

    private static RateLimit BuildLimit(string name, Rate rate, string path, JsonValue value, ErrorList errors)
    {
        var unit = UnitOf(value["unit"]?.Parsed as string);
        var parts = BuildKey(value["key"], $"{path}.key", errors);
        var unknown = parts.FindIndex(static part => part is not (LimitKeyPart.Client or LimitKeyPart.Network));
        if (unit == LimitUnit.Connections && unknown >= 0)
        {
            errors.Add(
                $"{path}.key",
                value["key"]!.Line,
                $"connections are counted before a word is said: by client or network, not by {WordOf(parts[unknown])}");
        }

        return new RateLimit(name, parts, unit, new LimitBudget(rate.Count, rate.Period, value["burst"]?.Parsed as int? ?? rate.Count))
        {
            Audience = value["for"]?.Parsed is "untrusted" ? LimitAudience.Untrusted : LimitAudience.All,
            CountsUnproven = value["unproven"]?.Parsed is true,
        };
    }

    private static List<LimitKeyPart> BuildKey(JsonValue? key, string path, ErrorList errors)
    {
        if (key is null or { Kind: not JsonKind.List })
        {
            return [PartOf(key?.Parsed as string)];
        }

        var parts = new List<LimitKeyPart>();
        foreach (var (itemPath, item) in DocumentBuilder.Items(key, path))
        {
            if (item.Parsed is not string word)
            {
                continue;
            }

            if (parts.Contains(PartOf(word)))
            {
                errors.Add(itemPath, item.Line, $"{word} is in the key already");
                continue;
            }

            parts.Add(PartOf(word));
        }

        if (key.Items.Count == 0)
        {
            errors.Add(path, key.Line, "counts nothing: name what is counted, like client");
        }

        return parts;
    }

    private static LimitUnit UnitOf(string? word) => word switch
    {
        "recipients" => LimitUnit.Recipients,
        "bytes" => LimitUnit.Bytes,
        "connections" => LimitUnit.Connections,
        _ => LimitUnit.Messages,
    };

    private static LimitKeyPart PartOf(string? word) => word switch
    {
        "network" => LimitKeyPart.Network,
        "user" => LimitKeyPart.User,
        "senderDomain" => LimitKeyPart.SenderDomain,
        "recipientDomain" => LimitKeyPart.RecipientDomain,
        _ => LimitKeyPart.Client,
    };

    /// <summary>The word of a part, as documents write it.</summary>
    internal static string WordOf(LimitKeyPart part)
    {
        var name = part.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
