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

    /// <summary>Public IPv4 addresses in all networks together, a quarter of IPv4: more is an error, however narrow each network is.</summary>
    public const long IPv4AddressesMax = 1L << 30;

    /// <summary>Public IPv6 addresses in all networks together, as many as 64 of the widest networks have, as with IPv4: more is an error,
    /// however narrow each network is.</summary>
    public static readonly UInt128 IPv6AddressesMax = UInt128.One << (128 - IPv6PrefixMin + 6);

    /// <summary>Public IPv4 networks wider than this get a warning.</summary>
    public const int IPv4PrefixAdvised = 16;

    /// <summary>Public IPv6 networks wider than this get a warning.</summary>
    public const int IPv6PrefixAdvised = 32;

    /// <summary>Adds an error for a net so wide that it must hold strangers, and a warning for one that likely does. Private ones may be
    /// wide.</summary>
    /// <returns>False when there was an error.</returns>
    public static bool Check(NetworkRange range, string path, int line, ErrorList errors)
    {
        if (SpecialNetworks.IsPrivate(range))
        {
            return true;
        }

        if (SpecialNetworks.CarriesIPv4(range, out var carried) && carried < IPv4PrefixMin)
        {
            var limit = IPv4PrefixMin.ToString(CultureInfo.InvariantCulture);
            errors.Add(path, line, $"{range} would make this an open relay: it carries IPv4 networks wider than /{limit}");
            return false;
        }

        var (min, advised) = range.IsIPv4 ? (IPv4PrefixMin, IPv4PrefixAdvised) : (IPv6PrefixMin, IPv6PrefixAdvised);
        if (range.PrefixLength < min)
        {
            var limit = min.ToString(CultureInfo.InvariantCulture);
            errors.Add(path, line, $"{range} would make this an open relay: public networks wider than /{limit} are not taken");
            return false;
        }

        if (range.PrefixLength < advised)
        {
            errors.Warn(path, line, $"{range} is a wide public network: everyone in it may relay");
        }

        return true;
    }

    /// <summary>Adds an error when the networks together hold so much of IPv4 or IPv6 that strangers must be among it.</summary>
    public static void CheckTogether(IEnumerable<NetworkRange> ranges, string path, int line, ErrorList errors)
    {
        // Networks lie in each other or apart, so in this order one that lies in another comes behind it.
        var ordered = ranges.Where(static range => !SpecialNetworks.IsPrivate(range))
            .OrderBy(static range => range.IsIPv4).ThenBy(static range => range.First).ThenBy(static range => range.PrefixLength);
        var ofIPv4 = 0L;
        var ofIPv6 = UInt128.Zero;
        NetworkRange? outer = null;
        foreach (var range in ordered)
        {
            if (outer?.Contains(range) != true)
            {
                outer = range;
                ofIPv4 += CountIPv4(range);
                ofIPv6 += range.IsIPv4 ? 0 : UInt128.One << (128 - range.PrefixLength);
            }
        }

        AddWhenOver((UInt128)ofIPv4, IPv4AddressesMax, 24, "of IPv4's 256 /8s");
        AddWhenOver(ofIPv6, IPv6AddressesMax, 112, "/16s of IPv6");

        void AddWhenOver(UInt128 held, UInt128 max, int bits, string unit)
        {
            if (held > max)
            {
                // Rounded up, so that one address too many does not read as none.
                var units = (held + (UInt128.One << bits) - 1) >> bits;
                errors.Add(path, line, string.Create(
                    CultureInfo.InvariantCulture,
                    $"these networks would make this an open relay: together they hold {units} {unit}, and more than {max >> bits} are not taken"));
            }
        }
    }

    private static long CountIPv4(NetworkRange range)
    {
        if (range.IsIPv4)
        {
            return 1L << (32 - range.PrefixLength);
        }

        return SpecialNetworks.CarriesIPv4(range, out var carried) ? 1L << (32 - carried) : 0;
    }
}
