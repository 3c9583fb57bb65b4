using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace Relay.Node.Listeners.Proxy;

/// <summary>Version 2: a signature, command, family and length, the addresses, and what else the balancer says (TLVs), which is passed over.</summary>
internal static class ProxyHeaderV2
{
    private const int FixedOctets = 16;
    private const int CommandAt = 12;
    private const int FamilyAt = 13;
    private const int LengthAt = 14;
    private const int TlvOctets = 3;

    private const byte Local = 0x20;
    private const byte Proxy = 0x21;
    private const byte Unspecified = 0x00;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;
    private const byte UnixStream = 0x31;
    private const byte Checksum = 0x03;

    /// <summary>What it begins with.</summary>
    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads a header.</summary>
    /// <param name="start">Begins with the signature, or with the beginning of it.</param>
    /// <param name="header">The header when it is complete.</param>
    public static ProxyHeaderState Read(ReadOnlySpan<byte> start, out ProxyHeader header)
    {
        header = default;
        if (start.Length < FixedOctets)
        {
            return ProxyHeaderState.Incomplete;
        }

        var length = FixedOctets + BinaryPrimitives.ReadUInt16BigEndian(start[LengthAt..]);
        if (start[CommandAt] is not (Local or Proxy) || length > ProxyHeaderReader.OctetsMax)
        {
            return ProxyHeaderState.Malformed;
        }

        if (start.Length < length)
        {
            return ProxyHeaderState.Incomplete;
        }

        IPAddress? client = null;
        if (start[CommandAt] == Proxy && !TryReadClient(start[..length], out client))
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(length, client);
        return ProxyHeaderState.Complete;
    }

    private static bool TryReadClient(ReadOnlySpan<byte> header, out IPAddress? client)
    {
        client = null;
        var family = header[FamilyAt];
        if (family == Unspecified)
        {
            return true; // nothing is said that could be read
        }

        // Two addresses and two ports, or two paths.
        var octets = family switch { TcpOverIPv4 => 12, TcpOverIPv6 => 36, UnixStream => 216, _ => int.MaxValue };
        if (header.Length - FixedOctets < octets || !AreSoundTlvs(header, FixedOctets + octets))
        {
            return false;
        }

        client = family switch
        {
            TcpOverIPv4 => new IPAddress(header.Slice(FixedOctets, 4)),
            TcpOverIPv6 => new IPAddress(header.Slice(FixedOctets, 16)),
            _ => null,
        };
        client = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client;
        return true;
    }

    private static bool AreSoundTlvs(ReadOnlySpan<byte> header, int at)
    {
        var hasChecksum = false;
        while (at < header.Length)
        {
            var tlv = header[at..];
            if (tlv.Length < TlvOctets)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(tlv[1..]);
            at += TlvOctets + length;
            if (at > header.Length)
            {
                return false;
            }

            if (tlv[0] == Checksum)
            {
                if (hasChecksum || length != sizeof(uint) || !IsChecksum(header, at - sizeof(uint)))
                {
                    return false;
                }

                hasChecksum = true;
            }
        }

        return true;
    }

    // CRC32c of the whole header, its own four octets taken as zero.
    private static bool IsChecksum(ReadOnlySpan<byte> header, int at)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, i >= at && i < at + sizeof(uint) ? (byte)0 : header[i]);
        }

        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[at..]);
    }
}
