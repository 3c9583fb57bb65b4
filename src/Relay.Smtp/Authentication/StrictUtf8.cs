using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Relay.Smtp.Authentication;

/// <summary>Text of SASL messages: UTF-8, and nothing that only looks like it.</summary>
internal static class StrictUtf8
{
    /// <summary>Decodes; false for octets that are not UTF-8, and for NUL.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (octets.Contains((byte)0) || !Utf8.IsValid(octets))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(octets);
        return true;
    }
}
