using System.Globalization;
using System.Text.RegularExpressions;

namespace Relay.Node.Encryption;

/// <summary>Says in a sentence why a handshake with a client failed, and behind it what the library says, in whatever words it has. Pure.</summary>
internal static partial class HandshakeCause
{
    private const string Unknown = "the handshake came to nothing";

    // Reasons of OpenSSL from here on are alerts of the client, each by its number (RFC 8446 section 6.2).
    private const int FirstAlert = 1000;

    /// <summary>Why it failed.</summary>
    /// <param name="failure">What ended it.</param>
    /// <returns>A sentence and the detail, which a stranger may have had a part in: to be escaped and cut by whoever writes it.</returns>
    public static string Of(Exception failure)
    {
        var root = failure.GetBaseException();
        return root.Message == DuplexPipeStream.TooMuch ? root.Message : $"{SentenceOf(root)}: {root.Message}";
    }

    private static string SentenceOf(Exception root) =>
        ReasonOf(root.Message) is { } reason ? reason >= FirstAlert ? OfAlert(reason - FirstAlert) : OfReason(reason)
        : root is IOException or OperationCanceledException ? "the connection ended before the handshake did"
        : Unknown;

    private static string OfReason(int reason) => reason switch
    {
        258 or 266 => "the client speaks neither TLS 1.2 nor 1.3", // unsupported protocol, unknown version
        193 => "the client offers no cipher suite that is taken here", // no shared cipher
        101 or 118 or 252 => "the client offers no key exchange or signature that is taken here", // no suitable key share, or signature algorithm
        235 => "the client wants another protocol than SMTP (ALPN)",
        267 => "the client does not go on with TLS", // wrong version number: mostly plaintext
        _ => Unknown,
    };

    private static string OfAlert(int alert) => alert switch
    {
        0 or 90 => "the client gave the handshake up",
        40 or 47 or 71 => "the client finds nothing that both sides would take",
        70 or 86 => "the client speaks no version of TLS that is spoken here",
        42 or 43 or 44 or 45 or 46 => "the client does not take our certificate",
        48 => "the client does not know who issued our certificate",
        112 => "the client wants a host of another name",
        120 => "the client wants another protocol than SMTP (ALPN)",
        _ => "the client ended the handshake with an alert",
    };

    // "error:0A000102:SSL routines::unsupported protocol": below the number of the library are 23 bits of the reason.
    private static int? ReasonOf(string message) =>
        Code().Match(message) is { Success: true } found
            ? (int)(uint.Parse(found.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 0x7FFFFF)
            : null;

    [GeneratedRegex("^error:([0-9A-Fa-f]{8}):", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
