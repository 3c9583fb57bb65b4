using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Relay.Messages.Destinations;

namespace Relay.Node.Dns;

/// <summary>Reads answers of name servers: which records belong to the question, by way of which aliases, and how long they hold. Pure.</summary>
internal static class DnsAnswerReader
{
    /// <summary>Records of one answer that are kept. Default 64; more are a mistake or an attack.</summary>
    public const int RecordsMax = 64;

    /// <summary>An answer is used for this at least, whatever it says. Default 30 seconds.</summary>
    public static readonly TimeSpan TtlMin = TimeSpan.FromSeconds(30);

    /// <summary>An answer is used for this at the most. Default 1 hour.</summary>
    public static readonly TimeSpan TtlMax = TimeSpan.FromHours(1);

    /// <summary>That there is nothing is believed for this at the most. Default 5 minutes: whoever sets up a domain does not want to wait.</summary>
    public static readonly TimeSpan NegativeTtlMax = TimeSpan.FromMinutes(5);

    /// <summary>Where the aliases of an answer lead.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="name">The name that was asked for, without a final dot.</param>
    /// <param name="aliasesMax">Aliases that may follow one another.</param>
    /// <param name="end">The last name, which may be the first.</param>
    /// <returns>How many aliases lead there; -1 when they lead on for too long, or in a circle.</returns>
    public static int FollowAliases(DnsMessage response, string name, int aliasesMax, out string end)
    {
        end = name;
        for (var followed = 0; followed <= aliasesMax; followed++)
        {
            var here = end;
            var alias = response.AnswerRecords.OfType<CNameRecord>().FirstOrDefault(record => IsOf(record, here));
            if (alias is null)
            {
                return followed;
            }

            end = NameOf(alias.CanonicalName);
        }

        return -1;
    }

    /// <summary>What a readable answer comes to.</summary>
    /// <param name="response">An answer without an error, or one that says that there is no such name.</param>
    /// <param name="end">Where its aliases lead.</param>
    /// <param name="type">The records that were asked for: no others count.</param>
    public static DnsAnswer Read(DnsMessage response, string end, QueryType type)
    {
        if (response.ReturnCode == ReturnCode.NxDomain)
        {
            return new DnsAnswer(DnsAnswerKind.NoSuchName, NegativeTtl(response));
        }

        DnsRecordBase[] records = [.. response.AnswerRecords
            .Where(record => (int)record.RecordType == (int)type && IsOf(record, end))
            .OrderBy(static record => record is MxRecord exchanger ? exchanger.Preference : 0)
            .Take(RecordsMax)];
        if (records.Length == 0)
        {
            return new DnsAnswer(DnsAnswerKind.NoRecords, NegativeTtl(response));
        }

        var seconds = records.Concat(response.AnswerRecords.OfType<CNameRecord>()).Min(static record => record.TimeToLive);
        return new DnsAnswer(DnsAnswerKind.Records, Clamp(seconds, TtlMax))
        {
            Exchangers = [.. records.OfType<MxRecord>().Select(static record => new MailExchanger(record.Preference, NameOf(record.ExchangeDomainName)))],
            Addresses = [.. records.OfType<AddressRecordBase>().Select(static record => Plain(record.Address)).Distinct()],
            Names = [.. records.OfType<PtrRecord>().Select(static record => NameOf(record.PointerDomainName))],
        };
    }

    // RFC 2308 section 5: the lesser of the SOA record's own time and its last field.
    private static TimeSpan NegativeTtl(DnsMessage response) =>
        response.AuthorityRecords.OfType<SoaRecord>().FirstOrDefault() is { } soa
            ? Clamp(Math.Min(soa.TimeToLive, soa.NegativeCachingTTL), NegativeTtlMax)
            : TtlMin;

    private static TimeSpan Clamp(int seconds, TimeSpan most) =>
        TimeSpan.FromSeconds(Math.Clamp(seconds, (int)TtlMin.TotalSeconds, (int)most.TotalSeconds));

    private static bool IsOf(DnsRecordBase record, string name) =>
        record.RecordClass == RecordClass.INet && string.Equals(NameOf(record.Name), name, StringComparison.OrdinalIgnoreCase);

    private static string NameOf(DomainName name)
    {
        var text = name.ToString();
        return (text.EndsWith('.') ? text[..^1] : text).ToLowerInvariant();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
