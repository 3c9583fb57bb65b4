using Relay.Policy.Limits;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Warns of limits that count nothing, or that strangers can turn against others.</summary>
internal static class LimitWarnings
{
    /// <summary>Looks at the limits of a document.</summary>
    public static void Warn(JsonValue root, PolicyDocument document, ErrorList errors)
    {
        foreach (var (path, value) in DocumentBuilder.Items(root["limits"], "limits"))
        {
            if (document.Limits.FirstOrDefault(limit => string.Equals(limit.Name, value["name"]?.Parsed as string, StringComparison.Ordinal)) is { } limit)
            {
                WarnOfLimit(limit, path, value, document, errors);
            }
        }

        WarnOfFallback(root["onLimitUnavailable"], document, errors);
    }

    private static void WarnOfLimit(RateLimit limit, string path, JsonValue value, PolicyDocument document, ErrorList errors)
    {
        var line = value.Line;
        if (limit.IsClaimable && limit.CountsUnproven)
        {
            errors.Warn($"{path}.unproven", value["unproven"]!.Line, "anyone can use up the limit of a domain by naming it: put client or network into the key, or leave unproven out");
        }
        else if (limit.CountsUnproven)
        {
            errors.Warn($"{path}.unproven", value["unproven"]!.Line, "does nothing: the key holds what nobody can claim for another");
        }
        else if (limit.IsClaimable && limit.Audience == LimitAudience.Untrusted)
        {
            errors.Warn(path, line, "counts nothing: what anyone can claim counts for trusted clients only, and those are not counted for untrusted");
        }

        if (limit.Audience == LimitAudience.Untrusted && limit.Key.Contains(LimitKeyPart.User))
        {
            errors.Warn(path, line, "counts nothing: whoever logged in is trusted");
        }

        if (limit.Unit == LimitUnit.Bytes && limit.Budget.Burst < document.Message.SizeMax)
        {
            var size = new ByteSize(document.Message.SizeMax);
            errors.Warn(path, line, $"messages of up to {size} are larger than the burst: each waits until the budget is full, and then has all of it");
        }
    }

    private static void WarnOfFallback(JsonValue? fallback, PolicyDocument document, ErrorList errors)
    {
        if (fallback is null)
        {
            return;
        }

        if (document.Limits.Count == 0)
        {
            errors.Warn("onLimitUnavailable", fallback.Line, "does nothing: there are no limits");
        }
        else if (document.OnLimitUnavailable == LimitFallback.Allow)
        {
            errors.Warn("onLimitUnavailable", fallback.Line, "while a limit cannot be asked it does not hold at all: localShare keeps it for each node");
        }
    }
}
