using System.Text.Json;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Admin;

/// <summary>The JSON object that a request brings: of known keys only, each once, since one that is passed over does another thing than was meant.</summary>
internal sealed class JsonBody
{
    /// <summary>Largest body of a request, in octets.</summary>
    public const int OctetsMax = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private JsonBody(JsonElement element)
    {
        Root = element;
    }

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="RefusedRequestException">It is too large, no JSON object, or has a key that is unknown or comes twice.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        var octets = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (octets.Length + read > OctetsMax)
            {
                throw new RefusedRequestException("The body is too large", $"At most {OctetsMax} octets.") { Status = StatusCodes.Status413PayloadTooLarge };
            }

            octets.Write(buffer, 0, read);
        }

        var body = Parse(octets.GetBuffer().AsMemory(0, (int)octets.Length));
        foreach (var property in body.EnumerateObject())
        {
            if (!keys.Contains(property.Name, StringComparer.Ordinal))
            {
                var hint = NearestKey.Hint(property.Name, keys, $"the keys are {string.Join(", ", keys)}.");
                throw new RefusedRequestException("The body has an unknown key", $"{ShownText.Quote(property.Name)}: {hint}");
            }
        }

        return new JsonBody(body);
    }

    /// <summary>The object itself.</summary>
    public JsonElement Root { get; }

    /// <summary>A text; null when the key is not there.</summary>
    /// <exception cref="RefusedRequestException">It is something else.</exception>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw new RefusedRequestException($"{key} is not a text", null),
    };

    /// <summary>True or false; false when the key is not there.</summary>
    /// <exception cref="RefusedRequestException">It is something else.</exception>
    public bool Flag(string key) => Find(key) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw new RefusedRequestException($"{key} is neither true nor false", null),
    };

    /// <summary>A list of texts; null when the key is not there.</summary>
    /// <exception cref="RefusedRequestException">It is something else.</exception>
    public IReadOnlyList<string>? Texts(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(static item => item.GetString()!)]
            : throw new RefusedRequestException($"{key} is not a list of texts", null);
    }

    private JsonElement? Find(string key) =>
        Root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static JsonElement Parse(ReadOnlyMemory<byte> octets)
    {
        try
        {
            using var document = JsonDocument.Parse(octets, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.Clone();
            }
        }
        catch (JsonException broken)
        {
            throw new RefusedRequestException("The body is no JSON object", ShownText.Clean(broken.Message));
        }

        throw new RefusedRequestException("The body is no JSON object", null);
    }
}
