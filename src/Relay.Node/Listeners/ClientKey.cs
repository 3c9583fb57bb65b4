using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Listeners;

/// <summary>What connections are counted by. IPv6 always by prefix: whoever has one address there has 2^64 of them.</summary>
internal readonly record struct ClientKey(ulong Prefix, int Family)
{
    /// <summary>An IPv4 address, or the /64 of an IPv6 address.</summary>
    public static ClientKey OfClient(IPAddress address) => Of(address, 32, 64);

    /// <summary>The /24 of an IPv4 address, or the /48 of an IPv6 address.</summary>
    public static ClientKey OfNetwork(IPAddress address) => Of(address, 24, 48);

    /// <summary>The address of the client, the first one of an IPv6 /64.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (Family == (int)AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Prefix);
            return new IPAddress(bytes[..4]);
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, Prefix);
        return new IPAddress(bytes);
    }

    /// <summary>The /48 that a /64 is in.</summary>
    public ClientKey NetworkOfIPv6() => this with { Prefix = Prefix & (ulong.MaxValue << 16) };

    private static ClientKey Of(IPAddress address, int bitsOfIPv4, int bitsOfIPv6)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (length == 4)
        {
            var whole = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            return new ClientKey(whole & (uint.MaxValue << (32 - bitsOfIPv4)), (int)AddressFamily.InterNetwork);
        }

        var high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return new ClientKey(high & (ulong.MaxValue << (64 - bitsOfIPv6)), (int)AddressFamily.InterNetworkV6);
    }
}
