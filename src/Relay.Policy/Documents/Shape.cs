using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>What a value of a document must look like. Checking it leaves the parsed value in <see cref="JsonValue.Parsed"/>.</summary>
internal abstract record Shape
{
    /// <summary>What is expected, for error messages: <c>a list</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>Checks a value and everything in it.</summary>
    public abstract void Check(JsonValue value, string path, ErrorList errors);

    /// <summary>Adds the error for a number that does not fit.</summary>
    protected void AddWrongNumber(JsonValue value, string path, ErrorList errors) =>
        errors.Add(path, value.Line, $"{(value.IsWhole ? "out of range" : "not written as a whole number")}: expected {Expected}");

    /// <summary>Adds the error for a value of the wrong type.</summary>
    protected void AddWrongType(JsonValue value, string path, ErrorList errors)
    {
        var found = value.Kind switch
        {
            JsonKind.Object => "an object",
            JsonKind.List => "a list",
            JsonKind.Text => $"the text {ErrorText.Quote(value.Text)}",
            JsonKind.Number => "a number",
            JsonKind.Boolean => "true or false",
            _ => "null",
        };
        errors.Add(path, value.Line, $"expected {Expected}, found {found}");
    }
}

/// <summary>Reads a text as a value.</summary>
internal delegate bool TextParser<T>(string text, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? error);

/// <summary>A text that a parser takes.</summary>
/// <param name="Parser">Reads the text.</param>
internal sealed record TextShape<T>(TextParser<T> Parser) : Shape
{
    /// <inheritdoc/>
    public override string Expected => "text";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Text)
        {
            AddWrongType(value, path, errors);
        }
        else if (!Parser(value.Text, out var parsed, out var error))
        {
            errors.Add(path, value.Line, error);
        }
        else
        {
            value.Parsed = parsed;
        }
    }
}

/// <summary>One of some words.</summary>
/// <param name="Choices">The words.</param>
internal sealed record ChoiceShape(params string[] Choices) : Shape
{
    /// <inheritdoc/>
    public override string Expected => $"one of {string.Join(", ", Choices)}";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Text)
        {
            AddWrongType(value, path, errors);
        }
        else if (!Choices.Contains(value.Text, StringComparer.Ordinal))
        {
            errors.Add(path, value.Line, $"{ErrorText.Quote(value.Text)} is not {Expected}");
        }
        else
        {
            value.Parsed = value.Text;
        }
    }
}

/// <summary>A whole number in a range.</summary>
/// <param name="Min">The smallest one allowed.</param>
/// <param name="Max">The largest one allowed.</param>
internal sealed record NumberShape(int Min, int Max) : Shape
{
    /// <inheritdoc/>
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Min} to {Max}");

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Number)
        {
            AddWrongType(value, path, errors);
        }
        else if (value.Number is not { } number || number < Min || number > Max)
        {
            AddWrongNumber(value, path, errors);
        }
        else
        {
            value.Parsed = (int)number;
        }
    }
}

/// <summary>A size: a number of bytes, or a text like <c>35 MiB</c>.</summary>
/// <param name="Min">The smallest one allowed.</param>
/// <param name="Max">The largest one allowed.</param>
internal sealed record SizeShape(ByteSize Min, ByteSize Max) : Shape
{
    /// <inheritdoc/>
    public override string Expected => $"a size from {Min} to {Max}, in bytes or like \"35 MiB\"";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        ByteSize size;
        if (value.Kind == JsonKind.Text)
        {
            if (!ByteSize.TryParse(value.Text, out size, out var error))
            {
                errors.Add(path, value.Line, error);
                return;
            }
        }
        else if (value.Kind == JsonKind.Number)
        {
            size = new ByteSize(value.Number ?? -1);
        }
        else
        {
            AddWrongType(value, path, errors);
            return;
        }

        if (size.Bytes < Min.Bytes || size.Bytes > Max.Bytes)
        {
            AddWrongNumber(value, path, errors);
            return;
        }

        value.Parsed = size;
    }
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed record BooleanShape : Shape
{
    /// <inheritdoc/>
    public override string Expected => "true or false";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Boolean)
        {
            AddWrongType(value, path, errors);
        }
        else
        {
            value.Parsed = value.IsTrue;
        }
    }
}
