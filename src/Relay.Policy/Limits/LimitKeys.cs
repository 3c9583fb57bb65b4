using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Policy.Limits;

/// <summary>Texts of what limits count by. Two mails share a budget exactly when these are equal, ordinally.</summary>
/// <remarks>
/// A key is a limit's name and the values of its parts, with spaces between: <c>client 192.0.2.7</c>. Neither names nor values hold a
/// space, and no value begins with <c>+</c> or <c>#</c>, which mark shared budgets and long keys.
/// </remarks>
public static class LimitKeys
{
    /// <summary>Longest key, in characters. What would be longer stands as its SHA-256.</summary>
    public const int LengthMax = 200;

    /// <summary>The key of a limit for some values.</summary>
    public static string Of(string limit, ReadOnlySpan<string> values)
    {
        var text = $"{limit} {string.Join(' ', values)}";
        return text.Length <= LengthMax
            ? text
            : $"{limit} #{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }

    /// <summary>What stands for a text where it would be too long, or is nobody's business: the first 16 octets of its SHA-256.</summary>
    public static UInt128 DigestOf(string text) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The key of the budget that a network shares when there are too many keys to keep one each.</summary>
    public static string SharedBy(string limit, IPAddress client) => $"{limit} +{NetworkOf(client)}";

    /// <summary>The key of the budget that everyone else shares when there are too many networks as well.</summary>
    public static string SharedByAll(string limit) => $"{limit} +";

    /// <summary>True for a budget that many keys share.</summary>
    public static bool IsShared(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Contains(" +", StringComparison.Ordinal);
    }

    /// <summary>True for the budget that everyone else shares.</summary>
    public static bool IsSharedByAll(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.EndsWith(" +", StringComparison.Ordinal);
    }

    /// <summary>A client: an IPv4 address, or an IPv6 /64, since whoever has one address there has 2^64 of them.</summary>
    public static string ClientOf(IPAddress address) => Text(address, 32, 64);

    /// <summary>A network: an IPv4 /24 or an IPv6 /48.</summary>
    public static string NetworkOf(IPAddress address) => Text(address, 24, 48);

    private static string Text(IPAddress address, int bitsOfIPv4, int bitsOfIPv6)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bits = plain.AddressFamily == AddressFamily.InterNetwork ? bitsOfIPv4 : bitsOfIPv6;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out var length);
        bytes[(bits / 8)..length].Clear();
        var first = new IPAddress(bytes[..length]);
        return bits == length * 8 ? first.ToString() : $"{first}/{bits}";
    }
}
