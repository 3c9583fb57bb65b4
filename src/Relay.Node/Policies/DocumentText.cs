using System.Buffers;
using System.Text;
using System.Text.Json;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;

namespace Relay.Node.Policies;

/// <summary>How a version of a shared document stands in a file: a line with the digest of all behind it, a line of JSON about it, then its octets.</summary>
internal static class DocumentText
{
    private const int DigestCharacters = 64;
    private const int FormatNow = 1;

    /// <summary>The file's octets.</summary>
    public static byte[] Write(StoredDocument document)
    {
        var head = document.Head;
        var rest = new ArrayBufferWriter<byte>(head.Length + 512);
        using (var json = new Utf8JsonWriter(rest))
        {
            json.WriteStartObject();
            json.WriteNumber("format", FormatNow);
            json.WriteNumber("epoch", head.Epoch);
            json.WriteNumber("version", head.Version);
            json.WriteString("digest", head.Digest);
            json.WriteString("proposal", head.Proposal);
            json.WriteString("by", head.By);
            json.WriteString("note", head.Note);
            json.WriteString("at", head.At);
            json.WriteEndObject();
        }

        rest.Write("\n"u8);
        rest.Write(document.Body.Span);
        return [.. Encoding.ASCII.GetBytes(DocumentHead.DigestOf(rest.WrittenSpan)), (byte)'\n', .. rest.WrittenSpan];
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is not as it was written: the message says what is wrong.</exception>
    public static StoredDocument Read(ReadOnlyMemory<byte> octets)
    {
        if (octets.Length <= DigestCharacters || octets.Span[DigestCharacters] != '\n')
        {
            throw new FormatException("is cut off");
        }

        var rest = octets[(DigestCharacters + 1)..];
        if (Encoding.ASCII.GetString(octets.Span[..DigestCharacters]) != DocumentHead.DigestOf(rest.Span))
        {
            throw new FormatException("is damaged: its checksum is wrong");
        }

        var line = rest.Span.IndexOf((byte)'\n');
        try
        {
            using var json = JsonDocument.Parse(rest[..Math.Max(line, 0)]);
            var root = json.RootElement;
            var format = root.GetProperty("format").GetInt32();
            if (format != FormatNow)
            {
                throw new FormatException($"has format {format}, and this version reads {FormatNow}");
            }

            var body = rest[(line + 1)..];
            return new StoredDocument(
                new DocumentHead(
                    root.GetProperty("epoch").GetInt64(),
                    root.GetProperty("version").GetInt64(),
                    root.GetProperty("digest").GetString()!,
                    body.Length,
                    root.GetProperty("proposal").GetString()!,
                    root.GetProperty("by").GetString()!,
                    root.GetProperty("note").GetString()!,
                    root.GetProperty("at").GetDateTimeOffset()),
                body);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("is none of this program's", wrong);
        }
    }
}
