using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.Policy.Values;

/// <summary>A network in CIDR notation, or a single address. What its canonical text says, exactly, and never a wider net.</summary>
/// <remarks>
/// An IPv4-mapped IPv6 address (<c>::ffff:10.0.0.1</c>) is the same as its IPv4 address, in ranges and in what they hold.
/// So an IPv6 range never holds an IPv4 address, and a range that lies in <c>::ffff:0:0/96</c> is an IPv4 range.
/// </remarks>
public readonly record struct NetworkRange
{
    /// <summary>Longest text looked at, in characters: the longest IPv6 address with its prefix has 49.</summary>
    public const int TextMax = 64;

    private const int MappedPrefix = 96;
    private static readonly UInt128 MappedBits = (UInt128)0xFFFF << 32;

    private NetworkRange(bool isIPv4, UInt128 first, int prefixLength)
    {
        IsIPv4 = isIPv4;
        First = first;
        PrefixLength = prefixLength;
    }

    /// <summary>True for an IPv4 range, also when it was written as IPv4-mapped IPv6.</summary>
    public bool IsIPv4 { get; }

    /// <summary>Leading bits that all addresses share: 0 to 32 for IPv4, 0 to 128 for IPv6.</summary>
    public int PrefixLength { get; }

    /// <summary>The lowest address as a number: 32 bits for IPv4, 128 for IPv6.</summary>
    internal UInt128 First { get; }

    /// <summary>The highest address as a number.</summary>
    internal UInt128 Last => First | HostMask(IsIPv4, PrefixLength);

    /// <summary>Reads a network or an address in canonical text (RFC 4632, RFC 5952): all octets, no leading zeros, no host bits.</summary>
    /// <remarks>
    /// <c>10/8</c>, <c>010.0.0.0/8</c>, <c>10.0.0.1/8</c>, <c>2001:DB8::/32</c>, <c>10.0.0.0/08</c>, zones and spaces are errors.
    /// <c>::/1</c> to <c>::/80</c> are errors too: they would hold the IPv4-mapped addresses, and those belong to IPv4.
    /// </remarks>
    /// <param name="text">For example <c>10.0.0.0/8</c>, <c>192.0.2.7</c> or <c>2001:db8::/32</c>.</param>
    /// <param name="value">The range.</param>
    /// <param name="error">What is wrong, for a person, with the right spelling where one can be told.</param>
    public static bool TryParse(string text, out NetworkRange value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];
        if (text.Length > TextMax || !CanonicalAddress.TryParse(addressText, out var address, out error))
        {
            error = text.Length > TextMax || slash < 0
                ? $"{ErrorText.Quote(text)} is not a network: write one like 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"
                : $"{ErrorText.Quote(text)} is not a network: the address before the slash must be written in full, like 10.0.0.0/8";
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = (long)bits;
        if (slash >= 0 && (!StrictNumber.TryParse(text.AsSpan(slash + 1), out prefix) || prefix > bits))
        {
            error = $"{ErrorText.Quote(text)} is not a network: the prefix length is 0 to {(bits == 32 ? "32" : "128")}";
            return false;
        }

        return TryCreate(text, address, (int)prefix, out value, out error);
    }

    /// <summary>True when the range holds the address. An IPv4-mapped IPv6 address counts as its IPv4 address; a zone is ignored.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var number = ToNumber(address, out var isIPv4);
        return isIPv4 == IsIPv4 && number >= First && number <= Last;
    }

    /// <summary>True when every address of <paramref name="other"/> is in this range.</summary>
    public bool Contains(NetworkRange other) =>
        other.IsIPv4 == IsIPv4 && other.PrefixLength >= PrefixLength && other.First >= First && other.Last <= Last;

    /// <summary>The canonical text: a single address without a prefix length, everything else with one.</summary>
    public override string ToString()
    {
        var address = ToAddress(First, IsIPv4).ToString();
        return PrefixLength == BitsOf(IsIPv4) ? address : string.Create(CultureInfo.InvariantCulture, $"{address}/{PrefixLength}");
    }

    /// <summary>The address as a number, IPv4-mapped IPv6 as IPv4. Allocates nothing.</summary>
    internal static UInt128 ToNumber(IPAddress address, out bool isIPv4)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        if (written == 4)
        {
            isIPv4 = true;
            return BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        isIPv4 = number >> 32 == MappedBits >> 32;
        return isIPv4 ? (uint)number : number;
    }

    private static IPAddress ToAddress(UInt128 number, bool isIPv4)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(isIPv4 ? bytes[12..] : bytes);
    }

    private static bool TryCreate(
        string text, IPAddress address, int prefix, out NetworkRange value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        var writtenAsIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        var number = ToNumber(address, out var isIPv4);
        if (isIPv4 && !writtenAsIPv4)
        {
            prefix -= MappedPrefix;
        }

        if (prefix < 0 || (number & HostMask(isIPv4, prefix)) != 0)
        {
            var right = prefix < 0
                ? "write IPv4 networks as IPv4"
                : $"write {new NetworkRange(isIPv4, number & ~HostMask(isIPv4, prefix), prefix)}";
            error = $"{ErrorText.Quote(text)} has bits set behind its prefix: {right}, or the single address without a prefix";
            return false;
        }

        value = new NetworkRange(isIPv4, number, prefix);
        if (!isIPv4 && prefix > 0 && number == 0 && value.Last >= MappedBits)
        {
            value = default;
            error = $"{ErrorText.Quote(text)} holds the IPv4-mapped addresses: write IPv4 networks as IPv4";
            return false;
        }

        error = null;
        return true;
    }

    private static int BitsOf(bool isIPv4) => isIPv4 ? 32 : 128;

    private static UInt128 HostMask(bool isIPv4, int prefixLength)
    {
        var hostBits = BitsOf(isIPv4) - prefixLength;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
