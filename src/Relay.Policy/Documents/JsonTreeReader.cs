using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Reads a document into values that know their lines. The first thing that is not JSON ends it.</summary>
internal ref struct JsonTreeReader
{
    private const int MessageMax = 160;

    private static readonly JsonReaderOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = PolicyParser.DepthMax + 1,
    };

    private readonly ReadOnlySpan<byte> _document;
    private readonly ErrorList _errors;
    private readonly List<string> _path;
    private Utf8JsonReader _reader;
    private int _line;
    private int _counted;
    private int _values;

    private JsonTreeReader(ReadOnlySpan<byte> document, ErrorList errors)
    {
        _document = document;
        _errors = errors;
        _path = [];
        _line = 1;
        _reader = new Utf8JsonReader(document, Options);
    }

    /// <summary>Reads the document; null, with one error added, when it is no JSON or passes a limit.</summary>
    public static JsonValue? Read(ReadOnlySpan<byte> document, ErrorList errors)
    {
        document = document.StartsWith(Encoding.UTF8.Preamble) ? document[Encoding.UTF8.Preamble.Length..] : document;
        var reader = new JsonTreeReader(document, errors);
        if (document.Length > PolicyParser.SizeMax)
        {
            errors.Add(KeyPath.Document, 1, string.Create(CultureInfo.InvariantCulture, $"larger than {PolicyParser.SizeMax} bytes"));
            return null;
        }

        if (FirstInvalidUtf8(document) is { } offset)
        {
            errors.Add(KeyPath.Document, reader.LineAt(offset), "the document is not UTF-8 here");
            return null;
        }

        return reader.ReadDocument();
    }

    private JsonValue? ReadDocument()
    {
        try
        {
            _reader.Read();
            var root = ReadValue();
            if (root is not null)
            {
                _path.Clear();
                _reader.Read(); // throws when more follows
            }

            return root;
        }
        catch (JsonException exception)
        {
            var line = (int)Math.Min(exception.LineNumber ?? 0, int.MaxValue - 1) + 1;
            AddError(line, EndsTooEarly() ?? $"not valid JSON: {MessageOf(exception)}");
            return null;
        }
    }

    /// <summary>What to say of a document that is right as far as it goes; null when it is wrong before its end.</summary>
    private readonly string? EndsTooEarly()
    {
        if (_document.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "not valid JSON: the document is empty: write {} for a policy of defaults";
        }

        var start = new Utf8JsonReader(_document, isFinalBlock: false, new JsonReaderState(Options));
        try
        {
            while (start.Read())
            {
            }

            return "not valid JSON: the document ends in the middle, perhaps it is cut off";
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the value at the current token; null when a limit is passed.</summary>
    private JsonValue? ReadValue()
    {
        var line = LineAt((int)_reader.TokenStartIndex);
        if (++_values > PolicyParser.ValuesMax)
        {
            return Fail(line, string.Create(CultureInfo.InvariantCulture, $"the document has more than {PolicyParser.ValuesMax} values"));
        }

        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
            case JsonTokenType.StartArray:
                if (_reader.CurrentDepth >= PolicyParser.DepthMax)
                {
                    return Fail(line, string.Create(CultureInfo.InvariantCulture, $"nested deeper than {PolicyParser.DepthMax} levels"));
                }

                return _reader.TokenType == JsonTokenType.StartObject ? ReadObject(line) : ReadList(line);
            case JsonTokenType.String:
                return ReadText(line) is { } text ? new JsonValue(JsonKind.Text, line) { Text = text } : null;
            case JsonTokenType.Number:
                return new JsonValue(JsonKind.Number, line)
                {
                    Number = _reader.TryGetInt64(out var number) ? number : null,
                    IsWhole = _reader.ValueSpan.IndexOfAny(".eE"u8) < 0,
                };
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new JsonValue(JsonKind.Boolean, line) { IsTrue = _reader.TokenType == JsonTokenType.True };
            default:
                return new JsonValue(JsonKind.Null, line);
        }
    }

    private JsonValue? ReadObject(int line)
    {
        var members = new List<JsonMember>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var nameLine = LineAt((int)_reader.TokenStartIndex);
            if (ReadText(nameLine) is not { } name)
            {
                return null;
            }

            _path.Add(name);
            _reader.Read();
            if (ReadValue() is not { } value)
            {
                return null;
            }

            _path.RemoveAt(_path.Count - 1);
            members.Add(new JsonMember(name, nameLine, value));
        }

        return new JsonValue(JsonKind.Object, line) { Members = members };
    }

    private JsonValue? ReadList(int line)
    {
        var items = new List<JsonValue>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (ReadValue() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new JsonValue(JsonKind.List, line) { Items = items };
    }

    /// <summary>The characters of a string token. An escaped half of a surrogate pair is valid JSON, but no text.</summary>
    private readonly string? ReadText(int line)
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            AddError(line, "the text has half of a surrogate pair");
            return null;
        }
    }

    private readonly JsonValue? Fail(int line, string message)
    {
        AddError(line, message);
        return null;
    }

    private readonly void AddError(int line, string message) => _errors.Add(PathHere(), line, message);

    /// <summary>Lines are counted once over the document: offsets only grow.</summary>
    private int LineAt(int offset)
    {
        _line += _document[_counted..offset].Count((byte)'\n');
        _counted = offset;
        return _line;
    }

    private readonly string PathHere()
    {
        var path = KeyPath.Document;
        foreach (var name in _path)
        {
            path = KeyPath.Member(path, name);
        }

        return path;
    }

    private static int? FirstInvalidUtf8(ReadOnlySpan<byte> document)
    {
        if (System.Text.Unicode.Utf8.IsValid(document))
        {
            return null;
        }

        var offset = 0;
        while (Rune.DecodeFromUtf8(document[offset..], out _, out var length) == OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }

    /// <summary>The framework's message without the position that it appends: ours stands in front.</summary>
    private static string MessageOf(JsonException exception)
    {
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return ErrorText.Clean(end < 0 ? exception.Message : exception.Message[..end], MessageMax);
    }
}
