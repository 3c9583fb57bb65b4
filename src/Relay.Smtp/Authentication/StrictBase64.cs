using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Smtp.Authentication;

/// <summary>Base64 as RFC 4648 section 4 has it: one text for each sequence of octets, and no white space.</summary>
internal static class StrictBase64
{
    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    /// <summary>Decodes; false for anything that an encoder does not write.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (text.Length % 4 != 0 || text.ContainsAnyExcept(Alphabet))
        {
            return false;
        }

        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, decoded, out var consumed, out var written) != OperationStatus.Done || consumed != text.Length)
        {
            return false;
        }

        // The last character may hold bits that mean nothing: another text for the same octets.
        Span<byte> tail = stackalloc byte[4];
        if (text.Length > 0)
        {
            var whole = (written - 1) / 3 * 3;
            Base64.EncodeToUtf8(decoded.AsSpan(whole, written - whole), tail, out _, out _);
            if (!tail.SequenceEqual(text[^4..]))
            {
                return false;
            }
        }

        octets = decoded[..written];
        return true;
    }

    /// <summary>Encodes.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> octets)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(octets.Length)];
        Base64.EncodeToUtf8(octets, text, out _, out _);
        return text;
    }
}
