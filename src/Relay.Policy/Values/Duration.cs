using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Policy.Values;

/// <summary>A span of time as documents write it: one number and one unit, <c>30s</c>, <c>5m</c>, <c>4h</c> or <c>5d</c>.</summary>
/// <param name="Value">The span; a whole number of seconds from a parsed text.</param>
public readonly record struct Duration(TimeSpan Value)
{
    /// <summary>Longest time taken: 3,650 days. Longer than any sensible setting, far from where <see cref="TimeSpan"/> ends.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(3650);

    /// <summary>Reads a duration from <c>1s</c> to <see cref="Max"/>. Zero, signs, fractions, spaces and other units are errors.</summary>
    /// <param name="text">For example <c>5m</c>.</param>
    /// <param name="value">The duration.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, out Duration value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        var digits = StrictNumber.CountDigits(text);
        var unit = UnitOf(text.AsSpan(digits));
        if (unit == TimeSpan.Zero || !StrictNumber.TryParse(text.AsSpan(0, digits), out var count))
        {
            error = $"{ErrorText.Quote(text)} is not a time: a whole number and s, m, h or d, like 30s, 5m, 4h or 5d";
            return false;
        }

        if (count == 0 || count > Max.Ticks / unit.Ticks)
        {
            error = $"{ErrorText.Quote(text)} is out of range: a time is 1s to {new Duration(Max)}";
            return false;
        }

        value = new Duration(unit * count);
        error = null;
        return true;
    }

    /// <summary>The text form with the largest unit that divides it: <c>90s</c>, <c>1h</c>, <c>5d</c>.</summary>
    public override string ToString()
    {
        var seconds = (long)Value.TotalSeconds;
        var (count, unit) = seconds switch
        {
            _ when seconds % 86400 == 0 => (seconds / 86400, 'd'),
            _ when seconds % 3600 == 0 => (seconds / 3600, 'h'),
            _ when seconds % 60 == 0 => (seconds / 60, 'm'),
            _ => (seconds, 's'),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }

    private static TimeSpan UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        _ => TimeSpan.Zero,
    };
}
