namespace Relay.Policy.Documents;

/// <summary>What a JSON value is.</summary>
internal enum JsonKind
{
    /// <summary>An object.</summary>
    Object,

    /// <summary>An array.</summary>
    List,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary><c>null</c>.</summary>
    Null,
}

/// <summary>One value of a document, and the line where it begins.</summary>
internal sealed class JsonValue(JsonKind kind, int line)
{
    /// <summary>What the value is.</summary>
    public JsonKind Kind { get; } = kind;

    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The characters of a string; empty for everything else.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>The number when it is a whole one that fits; else null.</summary>
    public long? Number { get; init; }

    /// <summary>False for a number with a point or an exponent, whatever its value.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>True for <c>true</c>.</summary>
    public bool IsTrue { get; init; }

    /// <summary>An array's values.</summary>
    public IReadOnlyList<JsonValue> Items { get; init; } = [];

    /// <summary>An object's members in order, one that comes twice twice.</summary>
    public IReadOnlyList<JsonMember> Members { get; init; } = [];

    /// <summary>What a shape made of the value; null until then, and when it does not fit.</summary>
    public object? Parsed { get; set; }

    /// <summary>The value of a member; null when there is none.</summary>
    public JsonValue? this[string name]
    {
        get
        {
            foreach (var member in Members)
            {
                if (string.Equals(member.Name, name, StringComparison.Ordinal))
                {
                    return member.Value;
                }
            }

            return null;
        }
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Name">The key.</param>
/// <param name="Line">The line of the key, from 1.</param>
/// <param name="Value">The value.</param>
internal sealed record JsonMember(string Name, int Line, JsonValue Value);
