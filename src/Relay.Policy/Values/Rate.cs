using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Policy.Values;

/// <summary>So many events in a period, as documents write it: <c>10/s</c>, <c>100/min</c>, <c>5000/h</c> or <c>20000/d</c>.</summary>
/// <param name="Count">Events in one period, 1 to <see cref="CountMax"/>.</param>
/// <param name="Period">One second, minute, hour or day.</param>
public readonly record struct Rate(long Count, TimeSpan Period)
{
    /// <summary>Most events in one period.</summary>
    public const long CountMax = 1_000_000_000;

    /// <summary>Reads a rate. A zero count, signs, fractions, spaces and other units are errors.</summary>
    /// <param name="text">For example <c>100/min</c>.</param>
    /// <param name="value">The rate.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, out Rate value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = default;
        var digits = StrictNumber.CountDigits(text);
        var period = PeriodOf(text.AsSpan(digits));
        if (period == TimeSpan.Zero || !StrictNumber.TryParse(text.AsSpan(0, digits), out var count))
        {
            error = $"{ErrorText.Quote(text)} is not a rate: a whole number and /s, /min, /h or /d, like 100/min";
            return false;
        }

        if (count is < 1 or > CountMax)
        {
            var max = CountMax.ToString(CultureInfo.InvariantCulture);
            error = $"{ErrorText.Quote(text)} is out of range: a rate is 1 to {max} in its period";
            return false;
        }

        value = new Rate(count, period);
        error = null;
        return true;
    }

    /// <summary>The text form: <c>100/min</c>.</summary>
    public override string ToString()
    {
        var unit = Period.TotalSeconds switch
        {
            1 => "s",
            60 => "min",
            3600 => "h",
            _ => "d",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Count}/{unit}");
    }

    private static TimeSpan PeriodOf(ReadOnlySpan<char> unit) => unit switch
    {
        "/s" => TimeSpan.FromSeconds(1),
        "/min" => TimeSpan.FromMinutes(1),
        "/h" => TimeSpan.FromHours(1),
        "/d" => TimeSpan.FromDays(1),
        _ => TimeSpan.Zero,
    };
}
