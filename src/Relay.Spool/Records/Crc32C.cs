using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Relay.Spool.Records;

/// <summary>CRC-32C (Castagnoli) over spans, by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum as RFC 3720 defines it: of "123456789" it is E3069283.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => End(Append(Start, bytes));

    /// <summary>The state before the first byte.</summary>
    public const uint Start = uint.MaxValue;

    /// <summary>The checksum of a state.</summary>
    public static uint End(uint state) => ~state;

    /// <summary>The state after more bytes.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var octet in bytes[(words.Length * sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, octet);
        }

        return state;
    }

    /// <summary>The state after a segment's salt: what starts every checksum of a header in that segment.</summary>
    public static uint Seed(ulong salt) => BitOperations.Crc32C(Start, salt);
}
