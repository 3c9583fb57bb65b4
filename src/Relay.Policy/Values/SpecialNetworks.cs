using System.Net;

namespace Relay.Policy.Values;

/// <summary>Addresses that mean something only here, or nowhere: not for next hops that a stranger's DNS chooses (RFC 6890 and its
/// registry).</summary>
internal static class SpecialNetworks
{
    private static readonly object Held = new();

    /// <summary>Loopback: 127.0.0.0/8 and ::1.</summary>
    public static readonly IReadOnlyList<NetworkRange> Loopback = Ranges("127.0.0.0/8", "::1");

    /// <summary>Networks that are one organisation's own: loopback, link-local, private, shared and unique local addresses.</summary>
    private static readonly NetworkRange[] Private = Ranges(
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1", "fc00::/7", "fe80::/10", "fec0::/10");

    /// <summary>Networks where no next hop can be: unspecified, multicast, reserved, benchmarks, discard, local NAT64, Teredo, segment
    /// identifiers.</summary>
    private static readonly NetworkRange[] Unusable = Ranges(
        "0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "::", "ff00::/8", "100::/64", "64:ff9b:1::/48", "2001::/32", "2001:2::/48", "5f00::/16");

    private static readonly NetworkTable<object> All = new([.. Private, .. Unusable], _ => Held);

    /// <summary>Forms of IPv6 that carry an IPv4 address, and how many bits stand behind it: NAT64, 6to4, IPv4-compatible,
    /// IPv4-translated, Teredo, local NAT64 (where in it is its network's choice: taken for the end, as RFC 6052 has it for a /96).</summary>
    private static readonly (NetworkRange Range, int BitsBehind)[] Wrappers =
    [
        (Range("64:ff9b::/96"), 0),
        (Range("2002::/16"), 80),
        (Range("::/96"), 0),
        (Range("::ffff:0:0:0/96"), 0),
        (Range("2001::/32"), 0),
        (Range("64:ff9b:1::/48"), 0),
    ];

    /// <summary>True when a next hop found by DNS must not be there: special itself, or IPv6 wrapped around a special IPv4
    /// address.</summary>
    public static bool Holds(IPAddress address)
    {
        var number = NetworkRange.ToNumber(address, out var isIPv4);
        if (All.Find(number, isIPv4) is not null)
        {
            return true;
        }

        foreach (var (range, bitsBehind) in Wrappers)
        {
            if (!isIPv4 && number >= range.First && number <= range.Last)
            {
                return All.Find((uint)(number >> bitsBehind), isIPv4: true) is not null;
            }
        }

        return false;
    }

    /// <summary>True when the whole range is private: the only ones that may be wide in a list of trusted networks.</summary>
    public static bool IsPrivate(NetworkRange range)
    {
        foreach (var special in Private)
        {
            if (special.Contains(range))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the range lies in, or holds, a form of IPv6 that carries IPv4 addresses.</summary>
    /// <param name="range">The range.</param>
    /// <param name="prefixLength">How many bits of the IPv4 addresses in it are the same: 0 when it holds one of each.</param>
    public static bool CarriesIPv4(NetworkRange range, out int prefixLength)
    {
        foreach (var (wrapper, bitsBehind) in Wrappers)
        {
            if (wrapper.Contains(range) || range.Contains(wrapper))
            {
                prefixLength = Math.Clamp(range.PrefixLength - (128 - 32 - bitsBehind), 0, 32);
                return true;
            }
        }

        prefixLength = 0;
        return false;
    }

    private static NetworkRange[] Ranges(params string[] texts) => Array.ConvertAll(texts, Range);

    private static NetworkRange Range(string text) =>
        NetworkRange.TryParse(text, out var range, out var error) ? range : throw new InvalidOperationException(error);
}
