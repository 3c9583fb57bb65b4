using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Settings;

/// <summary>Addresses as people write them: <c>127.0.0.1:2525</c>, <c>[::1]:2525</c>.</summary>
/// <remarks>
/// Strict, because what the platform takes is more than anyone means: 010.0.0.1 is 8.0.0.1 there, and 1 is 0.0.0.1.
/// An IPv4-mapped IPv6 address becomes its IPv4.
/// </remarks>
internal static class EndPointText
{
    /// <summary>Reads an address with its port; 0 is taken.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? value, [NotNullWhen(false)] out string? error)
    {
        value = null;
        error = $"{ShownText.Quote(text)} is not an IP address and port, like 127.0.0.1:25 or [::1]:25";
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        var host = text[..colon];
        var isBracketed = host is ['[', .., ']'];
        if (isBracketed != host.Contains(':', StringComparison.Ordinal)
            || !TryParseAddress(isBracketed ? host[1..^1] : host, out var address))
        {
            return false;
        }

        var port = text.AsSpan(colon + 1);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            error = $"{ShownText.Quote(text)} has no port from 0 to 65535";
            return false;
        }

        value = new IPEndPoint(address, number);
        error = null;
        return true;
    }

    /// <summary>Reads an address without a port and without brackets.</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? value)
    {
        if (!IPAddress.TryParse(text, out value) || text.StartsWith('['))
        {
            value = null;
            return false;
        }

        if (value.AddressFamily == AddressFamily.InterNetwork)
        {
            return value.ToString() == text;
        }

        value = value.IsIPv4MappedToIPv6 ? value.MapToIPv4() : value;
        return true;
    }
}
