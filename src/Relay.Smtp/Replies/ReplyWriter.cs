using System.Buffers;

namespace Relay.Smtp.Replies;

/// <summary>Writes replies as octets (RFC 5321 section 4.2, RFC 2034).</summary>
public static class ReplyWriter
{
    /// <summary>Writes all lines of a reply in one piece.</summary>
    public static void Write(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();
}
