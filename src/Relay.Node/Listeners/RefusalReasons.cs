namespace Relay.Node.Listeners;

/// <summary>The names under which metrics count recipients that policy refused, by the rule that did.</summary>
internal static class RefusalReasons
{
    private static readonly (string Key, string Reason)[] Rules = [("clients", "client"), ("senders", "sender"), ("dnsBlocklists", "list"), ("limits", "limit"), ("greylisting", "greylist")];

    /// <summary>The reason for a rule: <c>dnsBlocklists["list.example"]</c> is <c>list</c>. All that says who may relay is <c>relaying</c>.</summary>
    public static string Of(string rule)
    {
        foreach (var (key, reason) in Rules)
        {
            if (rule.StartsWith(key, StringComparison.Ordinal))
            {
                return reason;
            }
        }

        return "relaying";
    }
}
