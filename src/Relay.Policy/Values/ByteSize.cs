using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Policy.Values;

/// <summary>A number of octets as documents write it: <c>4096</c>, <c>64 KiB</c>, <c>35 MiB</c> or <c>2 GiB</c>.</summary>
/// <param name="Bytes">Octets, never negative from a parsed text.</param>
public readonly record struct ByteSize(long Bytes)
{
    /// <summary>Largest size taken, in octets: 1 PiB.</summary>
    public const long BytesMax = 1L << 50;

    private static readonly (string Name, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    /// <summary>Reads a size. Between number and unit stands one space or none. <c>MB</c>, fractions and signs are errors.</summary>
    /// <param name="text">For example <c>35 MiB</c>.</param>
    /// <param name="value">The size.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, out ByteSize value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        var digits = StrictNumber.CountDigits(text);
        if (!StrictNumber.TryParse(text.AsSpan(0, digits), out var count) || !TryParseUnit(text.AsSpan(digits), out var unit))
        {
            error = $"{ErrorText.Quote(text)} is not a size: a whole number of bytes, or of KiB, MiB or GiB, like \"35 MiB\"";
            return false;
        }

        if (count > BytesMax / unit)
        {
            error = $"{ErrorText.Quote(text)} is out of range: a size is at most {new ByteSize(BytesMax)}";
            return false;
        }

        value = new ByteSize(count * unit);
        error = null;
        return true;
    }

    /// <summary>The text form with the largest unit that divides it: <c>35 MiB</c>, or bare octets.</summary>
    public override string ToString()
    {
        foreach (var (name, bytes) in Units)
        {
            if (Bytes != 0 && Bytes % bytes == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Bytes / bytes} {name}");
            }
        }

        return Bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static bool TryParseUnit(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 1;
        if (text.IsEmpty)
        {
            return true;
        }

        text = text[0] == ' ' ? text[1..] : text;
        foreach (var unit in Units)
        {
            if (text.SequenceEqual(unit.Name))
            {
                bytes = unit.Bytes;
                return true;
            }
        }

        return false;
    }
}
