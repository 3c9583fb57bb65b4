using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Relay.Smtp.Addresses;

/// <summary>Parses address literals (RFC 5321 section 4.1.3) and nothing that merely resembles one.</summary>
internal static class AddressLiteral
{
    private const string Ipv6Tag = "IPv6:";
    private const int Ipv6TextMax = 45;

    /// <summary>Parses <c>[192.0.2.1]</c> or <c>[IPv6:2001:db8::1]</c>; other tags, scopes, ports and leading zeros are refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length < 3 || text[0] != '[' || text[^1] != ']')
        {
            return false;
        }

        var inner = text[1..^1];
        return inner.StartsWith(Ipv6Tag, StringComparison.OrdinalIgnoreCase)
            ? TryParseIpv6(inner[Ipv6Tag.Length..], out address)
            : TryParseIpv4(inner, out address);
    }

    /// <summary>The canonical text of an address, brackets included.</summary>
    public static string ToText(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Ipv6Tag}{address}]" : $"[{address}]";

    private static bool TryParseIpv4(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> octets = stackalloc byte[4];
        for (var i = 0; i < octets.Length; i++)
        {
            var end = i == octets.Length - 1 ? text.Length : text.IndexOf('.');
            if (end < 0 || !TryParseOctet(text[..end], out octets[i]))
            {
                return false;
            }

            text = end == text.Length ? default : text[(end + 1)..];
        }

        address = new IPAddress(octets);
        return true;
    }

    // A leading zero means octal to some readers and decimal to others.
    private static bool TryParseOctet(ReadOnlySpan<char> digits, out byte octet)
    {
        octet = 0;
        if (digits.IsEmpty || digits.Length > 3 || (digits.Length > 1 && digits[0] == '0') || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var value = 0;
        foreach (var digit in digits)
        {
            value = (value * 10) + (digit - '0');
        }

        octet = (byte)value;
        return value <= byte.MaxValue;
    }

    private static bool TryParseIpv6(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.IsEmpty || text.Length > Ipv6TextMax || text.IndexOf(':') < 0)
        {
            return false;
        }

        foreach (var c in text)
        {
            // The platform's parser would also take scopes, brackets, ports and prefixes.
            if (!char.IsAsciiHexDigit(c) && c is not (':' or '.'))
            {
                return false;
            }
        }

        if (text.Contains('.') && !TryParseIpv4(text[(text.LastIndexOf(':') + 1)..], out _))
        {
            return false;
        }

        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }
}
