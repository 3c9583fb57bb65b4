using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>PROXY protocol headers as balancers write them. The checksum is computed here in a way of its own, bit by bit.</summary>
public static class ProxyHeaders
{
    /// <summary>The type of the checksum's TLV.</summary>
    public const byte ChecksumType = 3;

    private const byte Proxy = 0x21;
    private const byte Local = 0x20;

    /// <summary>Version 1, for a client.</summary>
    public static byte[] V1(IPAddress client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Encoding.ASCII.GetBytes(client.AddressFamily == AddressFamily.InterNetwork
            ? $"PROXY TCP4 {client} 127.0.0.1 40000 25\r\n"
            : $"PROXY TCP6 {client} ::1 40000 25\r\n");
    }

    /// <summary>Version 1, for nobody.</summary>
    public static byte[] V1Unknown() => "PROXY UNKNOWN\r\n"u8.ToArray();

    /// <summary>Version 2, for a client, with what else a balancer says.</summary>
    public static byte[] V2(IPAddress client, params byte[][] tlvs)
    {
        ArgumentNullException.ThrowIfNull(client);
        var address = client.GetAddressBytes();
        byte[] ports = [0x9c, 0x40, 0, 25];
        return V2(Proxy, (byte)(address.Length == 4 ? 0x11 : 0x21), [.. address, .. new byte[address.Length], .. ports, .. tlvs.SelectMany(static tlv => tlv)]);
    }

    /// <summary>Version 2, as a balancer's own checks begin.</summary>
    public static byte[] V2Local() => V2(Local, 0, []);

    /// <summary>Version 2 with command, family and rest as given.</summary>
    public static byte[] V2(byte command, byte family, byte[] rest)
    {
        ArgumentNullException.ThrowIfNull(rest);
        byte[] header = [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, 0, 0, .. rest];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)rest.Length);
        return header;
    }

    /// <summary>One type, length and value.</summary>
    public static byte[] Tlv(byte type, params byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        byte[] tlv = [type, 0, 0, .. value];
        BinaryPrimitives.WriteUInt16BigEndian(tlv.AsSpan(1), (ushort)value.Length);
        return tlv;
    }

    /// <summary>Version 2 with a checksum behind everything else, which must be the last TLV.</summary>
    public static byte[] Checked(IPAddress client, params byte[][] tlvs)
    {
        var header = V2(client, [.. tlvs, Tlv(ChecksumType, 0, 0, 0, 0)]);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(header.Length - 4), Crc32C(header));
        return header;
    }

    private static uint Crc32C(ReadOnlySpan<byte> octets)
    {
        const uint reflectedPolynomial = 0x82F63B78;
        var crc = uint.MaxValue;
        foreach (var octet in octets)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ reflectedPolynomial;
            }
        }

        return ~crc;
    }
}
