using System.Buffers;

namespace Relay.Smtp.Commands;

/// <summary>The argument of EHLO and HELO.</summary>
/// <remarks>
/// Not required to be a real name: mail is not refused for it (RFC 5321 section 4.1.4). It only has to be safe to write down.
/// </remarks>
internal static class HeloName
{
    /// <summary>In octets (RFC 5321 section 4.5.3.1.2).</summary>
    public const int OctetsMax = 255;

    // Printable ASCII without what separates or comments in a header field.
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-./:=?[]^_`{|}~");

    /// <summary>True when the name is one word that can stand in a Received field.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) =>
        !name.IsEmpty && name.Length <= OctetsMax && !name.ContainsAnyExcept(Characters);
}
