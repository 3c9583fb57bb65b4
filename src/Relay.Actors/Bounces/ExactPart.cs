using MimeKit;

namespace Relay.Actors.Bounces;

/// <summary>A part whose octets are written as they are: no line end is changed, nothing is encoded.</summary>
internal sealed class ExactPart : MimePart
{
    private readonly ReadOnlyMemory<byte> _octets;

    /// <summary>Makes a part.</summary>
    /// <param name="mediaType"><c>message</c> or <c>text</c>.</param>
    /// <param name="mediaSubtype">What kind of it.</param>
    /// <param name="octets">Its content: ASCII, or 8-bit octets, in lines.</param>
    public ExactPart(string mediaType, string mediaSubtype, ReadOnlyMemory<byte> octets)
        : base(mediaType, mediaSubtype)
    {
        _octets = octets;
        ContentTransferEncoding = ReturnedPart.HasOver127(octets.Span) ? ContentEncoding.EightBit : ContentEncoding.SevenBit;
    }

    /// <inheritdoc/>
    public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
    {
        base.WriteTo(options, stream, contentOnly, cancellationToken);
        stream.Write(_octets.Span);

        // The CRLF that belongs to the boundary behind it: a multipart writes none for a part without content of MimeKit's.
        stream.Write("\r\n"u8);
    }
}
