using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Node.Listeners.Proxy;

/// <summary>Version 1: one line of text, <c>PROXY TCP4 192.0.2.7 198.51.100.1 40000 25</c>.</summary>
internal static class ProxyHeaderV1
{
    /// <summary>Longest line with its CRLF, in octets, as the protocol has it.</summary>
    public const int OctetsMax = 107;

    private const string UnknownClient = "UNKNOWN";
    private const int Fields = 5;

    /// <summary>What it begins with.</summary>
    public static ReadOnlySpan<byte> Signature => "PROXY "u8;

    /// <summary>Reads a line.</summary>
    /// <param name="start">Begins with the signature, or with the beginning of it.</param>
    /// <param name="header">The header when it is complete.</param>
    public static ProxyHeaderState Read(ReadOnlySpan<byte> start, out ProxyHeader header)
    {
        header = default;
        var line = start[..Math.Min(start.Length, OctetsMax)];
        var end = line.IndexOf((byte)'\n');
        if (end < 0)
        {
            return line.Length < OctetsMax ? ProxyHeaderState.Incomplete : ProxyHeaderState.Malformed;
        }

        if (line[end - 1] != '\r' || !TryParse(Encoding.ASCII.GetString(line[Signature.Length..(end - 1)]), out var client))
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(end + 1, client);
        return ProxyHeaderState.Complete;
    }

    private static bool TryParse(string text, out IPAddress? client)
    {
        client = null;
        var fields = text.Split(' ');
        if (fields[0] == UnknownClient)
        {
            return true; // whatever stands behind it is to be passed over
        }

        if (fields.Length != Fields || !IsPort(fields[3]) || !IsPort(fields[4]))
        {
            return false;
        }

        client = Address(fields[0], fields[1]);
        return client is not null && Address(fields[0], fields[2]) is not null;
    }

    // The framework's parser also takes 10.1, octal numbers, brackets and zones: a balancer writes none of them.
    private static IPAddress? Address(string protocol, string text)
    {
        if (!text.All(static c => char.IsAsciiHexDigit(c) || c is ':' or '.') || !IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        return protocol switch
        {
            "TCP4" when address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text => address,
            "TCP6" when address.AddressFamily == AddressFamily.InterNetworkV6 => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
            _ => null,
        };
    }

    private static bool IsPort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) && (text.Length == 1 || text[0] != '0');
}
