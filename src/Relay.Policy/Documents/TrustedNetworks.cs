using System.Globalization;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Looks at <c>relay.networks</c>: a net that takes in strangers makes an open relay, however clearly it is written.</summary>
internal static class TrustedNetworks
{
    /// <summary>Public IPv4 networks wider than this are errors: no organisation has more than a /8.</summary>
    public const int IPv4PrefixMin = 8;

    /// <summary>Public IPv6 networks wider than this are errors: registries themselves hold /12s, their largest members /16s to
    /// /20s.</summary>
    public const int IPv6PrefixMin = 16;

    /// <summary>Public IPv4 networks wider than this get a warning.</summary>
    public const int IPv4PrefixAdvised = 16;

    /// <summary>Public IPv6 networks wider than this get a warning.</summary>
    public const int IPv6PrefixAdvised = 32;

    /// <summary>Adds an error for a net so wide that it must hold strangers, and a warning for one that likely does. Private ones may be
    /// wide.</summary>
    public static void Check(NetworkRange range, string path, int line, ErrorList errors)
    {
        if (SpecialNetworks.IsPrivate(range))
        {
            return;
        }

        if (SpecialNetworks.CarriesIPv4(range, out var carried) && carried < IPv4PrefixMin)
        {
            var limit = IPv4PrefixMin.ToString(CultureInfo.InvariantCulture);
            errors.Add(path, line, $"{range} would make this an open relay: it carries IPv4 networks wider than /{limit}");
            return;
        }

        var (min, advised) = range.IsIPv4 ? (IPv4PrefixMin, IPv4PrefixAdvised) : (IPv6PrefixMin, IPv6PrefixAdvised);
        if (range.PrefixLength < min)
        {
            var limit = min.ToString(CultureInfo.InvariantCulture);
            errors.Add(path, line, $"{range} would make this an open relay: public networks wider than /{limit} are not taken");
        }
        else if (range.PrefixLength < advised)
        {
            errors.Warn(path, line, $"{range} is a wide public network: everyone in it may relay");
        }
    }
}
