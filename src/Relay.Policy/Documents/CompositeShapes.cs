using System.Globalization;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>A list of values of one shape.</summary>
/// <param name="Item">The shape of each.</param>
/// <param name="OrAlone">True when a single value may stand without its list.</param>
internal sealed record ListShape(Shape Item, bool OrAlone = false) : Shape
{
    /// <inheritdoc/>
    public override string Expected => OrAlone ? $"{Item.Expected}, or a list of them" : "a list";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.List)
        {
            if (OrAlone)
            {
                Item.Check(value, path, errors);
            }
            else
            {
                AddWrongType(value, path, errors);
            }

            return;
        }

        for (var i = 0; i < value.Items.Count && !errors.IsFull; i++)
        {
            Item.Check(value.Items[i], KeyPath.Item(path, i), errors);
        }
    }
}

/// <summary>An object whose keys are values themselves.</summary>
/// <param name="Value">The shape of each value.</param>
internal abstract record MapShape(Shape Value) : Shape;

/// <summary>An object whose keys are values of one type.</summary>
/// <param name="Key">Reads a key.</param>
/// <param name="Value">The shape of each value.</param>
internal sealed record MapShape<TKey>(TextParser<TKey> Key, Shape Value) : MapShape(Value)
    where TKey : notnull
{
    /// <inheritdoc/>
    public override string Expected => "an object";

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Object)
        {
            AddWrongType(value, path, errors);
            return;
        }

        var seen = new Dictionary<TKey, int>();
        foreach (var member in value.Members)
        {
            if (errors.IsFull)
            {
                return;
            }

            var memberPath = KeyPath.Entry(path, member.Name);
            if (!Key(member.Name, out var key, out var error))
            {
                errors.Add(memberPath, member.Line, error);
            }
            else if (!seen.TryAdd(key, member.Line))
            {
                errors.Add(memberPath, member.Line, ObjectShape.TwiceMessage(seen[key]));
            }

            Value.Check(member.Value, memberPath, errors);
        }
    }
}

/// <summary>One key of an object.</summary>
/// <param name="Name">The key.</param>
/// <param name="Shape">What its value must look like.</param>
/// <param name="IsRequired">True when the object is nothing without it.</param>
internal sealed record KeyShape(string Name, Shape Shape, bool IsRequired = false);

/// <summary>An object with known keys and no others.</summary>
/// <param name="Keys">The keys.</param>
internal sealed record ObjectShape(params KeyShape[] Keys) : Shape
{
    /// <inheritdoc/>
    public override string Expected => "an object";

    /// <summary>The message for a key that comes twice.</summary>
    public static string TwiceMessage(int firstLine) =>
        string.Create(CultureInfo.InvariantCulture, $"is there twice: first on line {firstLine}");

    /// <inheritdoc/>
    public override void Check(JsonValue value, string path, ErrorList errors)
    {
        if (value.Kind != JsonKind.Object)
        {
            AddWrongType(value, path, errors);
            return;
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            if (errors.IsFull)
            {
                return;
            }

            CheckMember(member, KeyPath.Member(path, member.Name), seen, errors);
        }

        foreach (var key in Keys)
        {
            if (key.IsRequired && !seen.ContainsKey(key.Name))
            {
                errors.Add(KeyPath.Member(path, key.Name), value.Line, "is missing");
            }
        }
    }

    private void CheckMember(JsonMember member, string path, Dictionary<string, int> seen, ErrorList errors)
    {
        if (!seen.TryAdd(member.Name, member.Line))
        {
            errors.Add(path, member.Line, TwiceMessage(seen[member.Name]));
        }

        var key = Array.Find(Keys, key => string.Equals(key.Name, member.Name, StringComparison.Ordinal));
        if (key is null)
        {
            errors.Add(path, member.Line, UnknownMessage(member.Name));
            return;
        }

        key.Shape.Check(member.Value, path, errors);
    }

    private string UnknownMessage(string name)
    {
        if (NearestKey.Find(name, Keys.Select(key => key.Name)) is { } nearest)
        {
            return $"unknown key: did you mean {ErrorText.Quote(nearest)}?";
        }

        return PolicyShape.FindElsewhere(name) is { } elsewhere
            ? $"unknown key here: did you mean {elsewhere}?"
            : $"unknown key: the keys here are {string.Join(", ", Keys.Select(key => key.Name))}";
    }
}
