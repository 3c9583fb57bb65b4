using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Relay.Node.Settings;

/// <summary>Reads a settings file (JSON with comments and trailing commas) and keeps the line of every value.</summary>
internal ref struct SettingsFileReader
{
    /// <summary>Largest file taken, in bytes.</summary>
    public const int FileBytesMax = 1 << 20;

    /// <summary>Deepest nesting taken; the settings need four.</summary>
    private const int DepthMax = 16;

    private static readonly JsonReaderOptions Options =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = DepthMax };

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _source;
    private readonly List<SettingsError> _errors;
    private Utf8JsonReader _json;
    private int _countedTo;
    private int _line = 1;

    private SettingsFileReader(string source, ReadOnlySpan<byte> bytes, List<SettingsError> errors)
    {
        _source = source;
        _bytes = bytes;
        _errors = errors;
        _json = new Utf8JsonReader(bytes, Options);
    }

    /// <summary>The file's outer section; an empty one, and errors, when the bytes are no settings at all.</summary>
    /// <param name="source">The file as errors name it.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static SettingNode Read(string source, ReadOnlySpan<byte> bytes, List<SettingsError> errors)
    {
        bytes = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        var origin = new SettingOrigin(source);
        if (!Utf8.IsValid(bytes))
        {
            errors.Add(new SettingsError(source, null, "", "not UTF-8 text"));
            return SettingNode.Section(origin);
        }

        var reader = new SettingsFileReader(source, bytes, errors);
        try
        {
            return reader.ReadRoot();
        }
        catch (JsonException broken)
        {
            errors.Add(new SettingsError(source, (int?)broken.LineNumber + 1, "", Reason(broken)));
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to an escape such as \ud800 alone: half a character.
            errors.Add(new SettingsError(source, reader.Here().Line, "", "not JSON: an escape \\u stands for half a character"));
        }

        return SettingNode.Section(origin);
    }

    private SettingNode ReadRoot()
    {
        _json.Read();
        var root = ReadValue("");
        while (_json.Read())
        {
            // Only comments may follow; anything else throws.
        }

        if (root.Kind == SettingKind.Section)
        {
            return root;
        }

        _errors.Add(new SettingsError(_source, root.Origin.Line, "", $"expected a section in {{ }}, found {root.Describe()}"));
        return SettingNode.Section(root.Origin);
    }

    private SettingNode ReadValue(string path)
    {
        var origin = Here();
        switch (_json.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadSection(path, origin);
            case JsonTokenType.StartArray:
                return ReadList(path, origin);
            case JsonTokenType.String:
                return SettingNode.Value(SettingKind.Text, _json.GetString() ?? "", origin);
            case JsonTokenType.Number:
                return SettingNode.Value(SettingKind.Number, Encoding.UTF8.GetString(_json.ValueSpan), origin);
            case JsonTokenType.Null:
                return SettingNode.Value(SettingKind.Null, "null", origin);
            default:
                return SettingNode.Value(SettingKind.Flag, _json.TokenType == JsonTokenType.True ? "true" : "false", origin);
        }
    }

    private SettingNode ReadSection(string path, SettingOrigin origin)
    {
        var section = SettingNode.Section(origin);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            var key = _json.GetString() ?? "";
            var keyPath = SettingPath.Join(path, key);
            var line = Here().Line;
            _json.Read();
            var value = ReadValue(keyPath);
            if (!section.Members.TryAdd(key, value))
            {
                var first = section.Members[key].Origin.Line;
                _errors.Add(new SettingsError(_source, line, keyPath, string.Create(
                    CultureInfo.InvariantCulture, $"is there twice; the first is in line {first}")));
            }
        }

        return section;
    }

    private SettingNode ReadList(string path, SettingOrigin origin)
    {
        var list = SettingNode.List(origin);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            list.Items.Add(ReadValue(SettingPath.Join(path, list.Items.Count)));
        }

        return list;
    }

    private SettingOrigin Here()
    {
        var at = (int)_json.TokenStartIndex;
        _line += _bytes[_countedTo..at].Count((byte)'\n');
        _countedTo = at;
        return new SettingOrigin(_source, _line);
    }

    private static string Reason(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return "not JSON: " + ShownText.Clean(end < 0 ? broken.Message : broken.Message[..end]);
    }
}
