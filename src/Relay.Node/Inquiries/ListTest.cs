using System.Collections.Immutable;
using System.Net;
using Relay.Node.Dns;

namespace Relay.Node.Inquiries;

/// <summary>What the test of a DNS list came to.</summary>
internal enum ListTestResult
{
    /// <summary>It lists what it must, and not what it must not.</summary>
    Passed,

    /// <summary>Its test address is not listed: the list is gone, or does not know this family of addresses.</summary>
    ListsNothing,

    /// <summary>An address is listed that never may be: it would refuse the world.</summary>
    ListsEverything,

    /// <summary>It says that it does not serve us, as lists do that see too many questions from one name server.</summary>
    RefusesUs,

    /// <summary>No answer.</summary>
    NoAnswer,
}

/// <summary>The test that a list offers (RFC 5782 section 5): one address that is always listed, and one that never is. Pure.</summary>
internal static class ListTest
{
    /// <summary>The addresses that a list must list: 127.0.0.2, and the same for IPv6.</summary>
    public static readonly ImmutableArray<IPAddress> Listed = [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("::ffff:7f00:2")];

    /// <summary>Those that it must not list: 127.0.0.1, and the same for IPv6.</summary>
    public static readonly ImmutableArray<IPAddress> NotListed = [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("::ffff:7f00:1")];

    /// <summary>Judges the answers about the two addresses of one family.</summary>
    public static ListTestResult Judge(DnsAnswer listed, DnsAnswer notListed)
    {
        if (listed.Kind == DnsAnswerKind.Trouble || notListed.Kind == DnsAnswerKind.Trouble)
        {
            return ListTestResult.NoAnswer;
        }

        var (must, mustNot) = (AnswersOf(listed), AnswersOf(notListed));
        return must.Any(IsRefusal) ? ListTestResult.RefusesUs
            : mustNot.Length > 0 ? ListTestResult.ListsEverything
            : must.Length == 0 ? ListTestResult.ListsNothing
            : ListTestResult.Passed;
    }

    /// <summary>The answers of a list: addresses in 127.0.0.0/8. Others are no list's, but whoever has the name now.</summary>
    public static ImmutableArray<IPAddress> AnswersOf(DnsAnswer answer) =>
        [.. answer.Addresses.Where(static address => address.GetAddressBytes() is [127, _, _, _])];

    // What lists tell their users and not of their clients is in 127.255.255.0/24 by custom.
    private static bool IsRefusal(IPAddress answer) => answer.GetAddressBytes() is [127, 255, 255, _];
}
