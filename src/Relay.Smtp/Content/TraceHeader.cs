using System.Buffers;

namespace Relay.Smtp.Content;

/// <summary>Writes the <c>Received:</c> field that a relay puts on top of a message (RFC 5321 section 4.4, RFC 3848, RFC 6531 section 3.7.3).</summary>
public static class TraceHeader
{
    /// <summary>The most octets that one field takes; lines are at most 998 (RFC 5322 section 2.1.1), 78 where a token allows it.</summary>
    public const int OctetsMax = 2048;

    /// <summary>The registered with-value for how a message came.</summary>
    /// <param name="isExtended">The client said EHLO; after HELO it is SMTP whatever else holds.</param>
    /// <param name="isUtf8">MAIL had SMTPUTF8.</param>
    /// <param name="isTls">The connection is under TLS.</param>
    /// <param name="isAuthenticated">The client proved who it is (RFC 4954).</param>
    public static string ProtocolName(bool isExtended, bool isUtf8 = false, bool isTls = false, bool isAuthenticated = false) =>
        throw new NotImplementedException();

    /// <summary>Writes one field with its final CRLF. Nothing in the facts can add a line, a field or a comment to it.</summary>
    /// <param name="facts">What to tell.</param>
    /// <param name="output">Takes at most <see cref="OctetsMax"/> octets.</param>
    public static void Write(TraceFacts facts, IBufferWriter<byte> output) => throw new NotImplementedException();
}
