namespace Relay.TestKit.Smtp;

/// <summary>
/// Dot-stuffing written a second time, slowly and plainly, so that a test does not check the product with itself (RFC 5321 section
/// 4.5.2).
/// </summary>
public static class StuffedContent
{
    /// <summary>
    /// The content as it goes over the wire after DATA, the final dot included. A CRLF is added when the content does not end in one.
    /// </summary>
    /// <param name="content">Content octets.</param>
    public static byte[] Of(ReadOnlySpan<byte> content)
    {
        var wire = new List<byte>(content.Length + 16);
        var isAtLineStart = true;
        for (var i = 0; i < content.Length; i++)
        {
            if (isAtLineStart && content[i] == '.')
            {
                wire.Add((byte)'.');
            }

            wire.Add(content[i]);
            isAtLineStart = content[i] == '\n' && i > 0 && content[i - 1] == '\r';
        }

        if (!isAtLineStart)
        {
            wire.AddRange("\r\n"u8);
        }

        wire.AddRange(".\r\n"u8);
        return [.. wire];
    }
}
