using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Relay.Policy.Values;

/// <summary>
/// IP addresses in canonical text only. The framework's parser also takes <c>10.1</c>, <c>010.0.0.1</c> (octal: 8.0.0.1) and <c>1</c>
/// (0.0.0.1): in a list of trusted addresses that fails open.
/// </summary>
internal static class CanonicalAddress
{
    /// <summary>Reads dotted-quad IPv4, or IPv6 as RFC 5952 writes it, without zone and brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (!IPAddress.TryParse(text, out address) || (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0))
        {
            address = null;
            error = $"{ErrorText.Quote(text)} is not an IP address";
            return false;
        }

        var canonical = address.ToString();
        if (!string.Equals(canonical, text, StringComparison.Ordinal))
        {
            address = null;
            error = $"{ErrorText.Quote(text)} is not how an IP address is written";
            return false;
        }

        return true;
    }
}
