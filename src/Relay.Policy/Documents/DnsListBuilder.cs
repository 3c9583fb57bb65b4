using System.Globalization;
using System.Net;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Documents;

/// <summary>Makes <c>dnsBlocklists</c> and <c>dnsAllowlists</c>.</summary>
internal static class DnsListBuilder
{
    /// <summary>What a list answers for a listed address where policy says nothing else (RFC 5782 section 2.1).</summary>
    private static readonly IPAddress[] DefaultAnswers = [new IPAddress([127, 0, 0, 2])];

    /// <summary>The blocklists, in order.</summary>
    public static List<DnsBlocklist> BuildBlocklists(JsonValue? list, ErrorList errors) => Build(
        list, "dnsBlocklists", errors, static (zone, answers, value) => new DnsBlocklist(zone, answers, ActionOf(value["action"]?.Parsed as string)));

    /// <summary>The allow-lists.</summary>
    public static List<DnsAllowlist> BuildAllowlists(JsonValue? list, ErrorList errors) =>
        Build(list, "dnsAllowlists", errors, static (zone, answers, _) => new DnsAllowlist(zone, answers));

    private static List<T> Build<T>(
        JsonValue? list, string key, ErrorList errors, Func<MailDomain, IReadOnlyList<IPAddress>, JsonValue, T> make)
    {
        var lists = new List<T>();
        var lines = new Dictionary<MailDomain, int>();
        foreach (var (path, value) in DocumentBuilder.Items(list, key))
        {
            if (value["zone"] is { Parsed: MailDomain zone } named)
            {
                if (!lines.TryAdd(zone, named.Line))
                {
                    errors.Add($"{path}.zone", named.Line, string.Create(
                        CultureInfo.InvariantCulture, $"{zone} has an entry already, on line {lines[zone]}: one entry takes all its answers"));
                }

                IReadOnlyList<IPAddress> answers = value["answers"] is { } answerList
                    ? [.. answerList.Items.Select(item => item.Parsed).OfType<IPAddress>()]
                    : DefaultAnswers;
                lists.Add(make(zone, answers, value));
            }
        }

        return lists;
    }

    private static DnsBlocklistAction ActionOf(string? word) => word switch
    {
        "defer" => DnsBlocklistAction.Defer,
        "tarpit" => DnsBlocklistAction.Tarpit,
        "log" => DnsBlocklistAction.Log,
        _ => DnsBlocklistAction.Reject,
    };
}
