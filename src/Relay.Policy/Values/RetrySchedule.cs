using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Policy.Values;

/// <summary>How long to wait after each failed attempt, as documents write it: <c>5m, 15m, 30m, 1h*4, 4h</c>. The last step
/// repeats.</summary>
public sealed class RetrySchedule : IEquatable<RetrySchedule>
{
    /// <summary>Most steps, counted with their repetitions.</summary>
    public const int StepsMax = 1000;

    /// <summary>Longest single wait: 30 days.</summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromDays(30);

    /// <summary>The schedule of a document that names none: <c>5m, 15m, 30m, 1h*4, 4h</c>.</summary>
    public static readonly RetrySchedule Default = new(
        [
            TimeSpan.FromMinutes(5),
            TimeSpan.FromMinutes(15),
            TimeSpan.FromMinutes(30),
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(4),
        ]);

    private readonly ImmutableArray<TimeSpan> _delays;

    private RetrySchedule(ImmutableArray<TimeSpan> delays) => _delays = delays;

    /// <summary>The waits in order, repetitions written out; the last one stands for all that follow.</summary>
    public IReadOnlyList<TimeSpan> Steps => _delays;

    /// <summary>How long to wait after an attempt has failed.</summary>
    /// <param name="attempt">Which attempt failed: 1 is the first. Everything below 1 counts as 1.</param>
    public TimeSpan Delay(int attempt) => _delays[Math.Clamp(attempt, 1, _delays.Length) - 1];

    /// <summary>Reads a schedule: steps between commas, each a time, or a time and how often it comes (<c>1h*4</c>). Spaces around steps
    /// are fine.</summary>
    /// <param name="text">For example <c>5m, 15m, 30m, 1h*4, 4h</c>.</param>
    /// <param name="value">The schedule.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RetrySchedule? value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        var delays = ImmutableArray.CreateBuilder<TimeSpan>();
        foreach (var range in text.AsSpan().Split(','))
        {
            if (!TryParseStep(text[range].Trim(' '), out var delay, out var times, out error))
            {
                return false;
            }

            if (times > StepsMax - delays.Count)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"{ErrorText.Quote(text)} has more than {StepsMax} steps");
                return false;
            }

            for (var i = 0; i < times; i++)
            {
                delays.Add(delay);
            }
        }

        value = new RetrySchedule(delays.ToImmutable());
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(RetrySchedule? other) => other is not null && _delays.AsSpan().SequenceEqual(other._delays.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RetrySchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_delays.Length, _delays[0], _delays[^1]);

    /// <summary>The text form, equal neighbours put together: <c>5m, 15m, 30m, 1h*4, 4h</c>.</summary>
    public override string ToString()
    {
        var steps = new List<string>();
        for (var start = 0; start < _delays.Length;)
        {
            var end = start + 1;
            while (end < _delays.Length && _delays[end] == _delays[start])
            {
                end++;
            }

            var step = new Duration(_delays[start]).ToString();
            steps.Add(end - start == 1 ? step : string.Create(CultureInfo.InvariantCulture, $"{step}*{end - start}"));
            start = end;
        }

        return string.Join(", ", steps);
    }

    private static bool TryParseStep(string step, out TimeSpan delay, out long times, [NotNullWhen(false)] out string? error)
    {
        delay = default;
        times = 1;
        var star = step.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && (!StrictNumber.TryParse(step.AsSpan(star + 1), out times) || times == 0))
        {
            error = $"{ErrorText.Quote(step)} is not a step: a time, or a time and how often it comes, like 1h*4";
            return false;
        }

        if (!Duration.TryParse(star >= 0 ? step[..star] : step, out var duration, out error))
        {
            return false;
        }

        if (duration.Value > DelayMax)
        {
            error = $"{ErrorText.Quote(step)} is out of range: a step waits 1s to {new Duration(DelayMax)}";
            return false;
        }

        delay = duration.Value;
        return true;
    }
}
