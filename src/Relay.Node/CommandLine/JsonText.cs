using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine;

/// <summary>JSON as the API speaks it and as <c>--json</c> prints it.</summary>
internal static class JsonText
{
    /// <summary>camelCase; a member that an answer lacks is an error, one that it has too many is not.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    private static readonly JsonWriterOptions Document = new() { Indented = true, Encoder = PlainJsonEncoder.Instance };
    private static readonly JsonWriterOptions Line = new() { Encoder = PlainJsonEncoder.Instance };

    /// <summary>A document over several lines.</summary>
    public static string OfDocument(JsonElement element) => Write(element, Document);

    /// <summary>A document over several lines.</summary>
    public static string OfDocument<T>(T value) => OfDocument(JsonSerializer.SerializeToElement(value, Options));

    /// <summary>An object on one line.</summary>
    public static string OfLine(JsonElement element) => Write(element, Line);

    private static string Write(JsonElement element, JsonWriterOptions options)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, options))
        {
            element.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
