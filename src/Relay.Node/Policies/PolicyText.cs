using System.Buffers;
using System.Text.Json;
using Relay.Node.CommandLine;
using Relay.Policy.Documents;

namespace Relay.Node.Policies;

/// <summary>A policy document as others read it: the same JSON without comments and trailing commas.</summary>
internal static class PolicyText
{
    private static readonly JsonDocumentOptions AsPolicy = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = PolicyParser.DepthMax + 1,
    };

    private static readonly JsonWriterOptions Written = new() { Indented = true, Encoder = PlainJsonEncoder.Instance };

    /// <summary>The JSON of a valid document; of no document an empty object.</summary>
    public static byte[] Plain(ReadOnlyMemory<byte> document)
    {
        var octets = document.Span.StartsWith("\uFEFF"u8) ? document[3..] : document;
        if (octets.IsEmpty)
        {
            return "{}\n"u8.ToArray();
        }

        using var parsed = JsonDocument.Parse(octets, AsPolicy);
        var buffer = new ArrayBufferWriter<byte>(octets.Length);
        using (var json = new Utf8JsonWriter(buffer, Written))
        {
            parsed.RootElement.WriteTo(json);
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }
}
