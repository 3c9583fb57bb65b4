using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Node.Inquiries;

/// <summary>The names under which DNS knows addresses: octets or nibbles from the last to the first, and a zone (RFC 1035, RFC 3596, RFC 5782).</summary>
internal static class ReverseName
{
    private const string Digits = "0123456789abcdef";

    /// <summary>The name of an address in a zone: <c>7.2.0.192.list.example</c>, or 32 nibbles for IPv6.</summary>
    public static string Of(IPAddress address, string zone)
    {
        var octets = address.GetAddressBytes();
        var name = new StringBuilder(64 + zone.Length);
        for (var i = octets.Length - 1; i >= 0; i--)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
            {
                name.Append(octets[i]).Append('.');
            }
            else
            {
                name.Append(Digits[octets[i] & 0xF]).Append('.').Append(Digits[octets[i] >> 4]).Append('.');
            }
        }

        return name.Append(zone).ToString();
    }

    /// <summary>The name that has the host names of an address (PTR).</summary>
    public static string PointersOf(IPAddress address) =>
        Of(address, address.AddressFamily == AddressFamily.InterNetwork ? "in-addr.arpa" : "ip6.arpa");
}
