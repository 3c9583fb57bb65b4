using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Node.CommandLine;
using Relay.Node.Settings;
using Relay.Policy.Documents;
using Relay.Smtp.Authentication;

namespace Relay.Node.Authentication;

/// <summary>The users of a relay as one document, versioned as the policy is: names and verifiers, and no password.</summary>
/// <param name="Version">How often it was changed.</param>
/// <param name="Secret">What makes up the verifiers of names that no user has; as long as it stays, so do they.</param>
/// <param name="Users">The verifiers by name.</param>
internal sealed record UserDocument(long Version, ReadOnlyMemory<byte> Secret, ImmutableSortedDictionary<string, ScramVerifier> Users)
{
    /// <summary>Most users.</summary>
    public const int UsersMax = 10_000;

    /// <summary>Octets of the secret.</summary>
    public const int SecretOctets = 32;

    private const int FormatNow = 1;

    private static readonly string[] Keys = ["format", "version", "secret", "users"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions Written = new() { Indented = true, Encoder = PlainJsonEncoder.Instance };

    /// <summary>The iteration counts that users have, each once.</summary>
    public ImmutableArray<int> Iterations { get; } = [.. Users.Values.Select(static verifier => verifier.Iterations).Distinct().Order()];

    /// <summary>Nobody, with a new secret.</summary>
    public static UserDocument Empty() =>
        new(0, RandomNumberGenerator.GetBytes(SecretOctets), ImmutableSortedDictionary.Create<string, ScramVerifier>(StringComparer.Ordinal));

    /// <summary>The document with a user added or changed.</summary>
    public UserDocument With(string name, ScramVerifier verifier) => new(Version + 1, Secret, Users.SetItem(name, verifier));

    /// <summary>The document without a user.</summary>
    public UserDocument Without(string name) => new(Version + 1, Secret, Users.Remove(name));

    /// <summary>Reads a document.</summary>
    /// <exception cref="FormatException">It is none: the message says what is wrong, and of which key.</exception>
    public static UserDocument Parse(ReadOnlyMemory<byte> octets)
    {
        try
        {
            using var json = JsonDocument.Parse(octets, Strict);
            return Read(json.RootElement);
        }
        catch (JsonException broken)
        {
            throw new FormatException($"is no JSON: {ShownText.Clean(broken.Message)}", broken);
        }
    }

    /// <summary>The document as octets.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Written))
        {
            json.WriteStartObject();
            json.WriteNumber("format", FormatNow);
            json.WriteNumber("version", Version);
            json.WriteBase64String("secret", Secret.Span);
            json.WriteStartObject("users");
            foreach (var (name, verifier) in Users)
            {
                json.WriteStartObject(name);
                json.WriteBase64String(VerifierJson.Salt, verifier.Salt.Span);
                json.WriteNumber(VerifierJson.Iterations, verifier.Iterations);
                json.WriteBase64String(VerifierJson.StoredKey, verifier.StoredKey.Span);
                json.WriteBase64String(VerifierJson.ServerKey, verifier.ServerKey.Span);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static UserDocument Read(JsonElement root)
    {
        VerifierJson.RequireKeys(root, "", Keys);
        if (VerifierJson.Number(root, "", "format") is var format && format != FormatNow)
        {
            throw new FormatException($"format: {format} is not known: this version reads {FormatNow}");
        }

        var version = VerifierJson.Number(root, "", "version");
        if (version < 0)
        {
            throw new FormatException("version: is negative");
        }

        var users = ImmutableSortedDictionary.CreateBuilder<string, ScramVerifier>(StringComparer.Ordinal);
        var listed = root.GetProperty("users");
        if (listed.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("users: is no object");
        }

        foreach (var user in listed.EnumerateObject())
        {
            if (!UserName.TryParse(user.Name, out var name) || name != user.Name)
            {
                throw new FormatException($"users: {ShownText.Quote(user.Name)} is no name: lower-case letters, digits and . - _ + @, at most {UserName.CharactersMax}");
            }

            users.Add(name, VerifierJson.Read(user.Value, $"users:{name}:"));
        }

        return users.Count <= UsersMax
            ? new UserDocument(version, VerifierJson.Octets(root, "", "secret", SecretOctets), users.ToImmutable())
            : throw new FormatException($"users: are {users.Count}, and at most {UsersMax}");
    }
}

/// <summary>A verifier as JSON: in the file of users, and on its way to a node.</summary>
internal static class VerifierJson
{
    public const string Salt = "salt";
    public const string Iterations = "iterations";
    public const string StoredKey = "storedKey";
    public const string ServerKey = "serverKey";

    /// <summary>All keys.</summary>
    public static readonly string[] Keys = [Salt, Iterations, StoredKey, ServerKey];

    /// <summary>Reads a verifier.</summary>
    /// <param name="json">The object.</param>
    /// <param name="prefix">What stands before its keys in messages.</param>
    /// <exception cref="FormatException">It is none: the message says what is wrong, and of which key.</exception>
    public static ScramVerifier Read(JsonElement json, string prefix)
    {
        RequireKeys(json, prefix, Keys);
        var iterations = Number(json, prefix, Iterations);
        if (iterations is < ScramVerifier.IterationsMin or > ScramVerifier.IterationsMax)
        {
            throw new FormatException($"{prefix}{Iterations}: {iterations} is not {ScramVerifier.IterationsMin} to {ScramVerifier.IterationsMax}");
        }

        return new ScramVerifier(
            Octets(json, prefix, Salt, ScramVerifier.SaltOctets),
            (int)iterations,
            Octets(json, prefix, StoredKey, ScramVerifier.KeyOctets),
            Octets(json, prefix, ServerKey, ScramVerifier.KeyOctets));
    }

    /// <summary>Refuses what is no object of exactly these keys.</summary>
    public static void RequireKeys(JsonElement json, string prefix, IReadOnlyList<string> keys)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"{prefix.TrimEnd(':')}{(prefix.Length > 0 ? ": " : "")}is no object");
        }

        foreach (var property in json.EnumerateObject())
        {
            if (!keys.Contains(property.Name, StringComparer.Ordinal))
            {
                var hint = NearestKey.Hint(property.Name, keys, $"the keys are {string.Join(", ", keys)}.");
                throw new FormatException($"{prefix}{ShownText.Quote(property.Name)}: is an unknown key: {hint}");
            }
        }

        if (keys.FirstOrDefault(key => !json.TryGetProperty(key, out _)) is { } missing)
        {
            throw new FormatException($"{prefix}{missing}: is missing");
        }
    }

    /// <summary>A whole number.</summary>
    public static long Number(JsonElement json, string prefix, string key) =>
        json.GetProperty(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number)
            ? number
            : throw new FormatException($"{prefix}{key}: is no whole number");

    /// <summary>Octets in base64, of a fixed number.</summary>
    public static byte[] Octets(JsonElement json, string prefix, string key, int length) =>
        json.GetProperty(key) is { ValueKind: JsonValueKind.String } value && value.TryGetBytesFromBase64(out var octets) && octets.Length == length
            ? octets
            : throw new FormatException($"{prefix}{key}: is not {length} octets in base64");
}
