using System.Globalization;

namespace Relay.Node.Logging;

/// <summary>A time as the mail log writes it: seconds with up to three decimals, rounded half away from zero, such as <c>0</c>, <c>1.5</c> or <c>-12.003</c>.</summary>
/// <remarks>Five of them stand in each line of an attempt: they are written from whole numbers, which takes less CPU than floating point does.</remarks>
/// <param name="time">The time; negative where the clock was set back.</param>
internal readonly struct LogSeconds(TimeSpan time) : ISpanFormattable
{
    private const long Half = TimeSpan.TicksPerMillisecond / 2;

    private readonly long _milliseconds = (time.Ticks + (time.Ticks < 0 ? -Half : Half)) / TimeSpan.TicksPerMillisecond;

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        var (seconds, thousandths) = Math.DivRem(Math.Abs(_milliseconds), 1000);
        var sign = _milliseconds < 0 ? "-" : "";
        if (!destination.TryWrite(CultureInfo.InvariantCulture, $"{sign}{seconds}.{thousandths:000}", out charsWritten))
        {
            return false;
        }

        charsWritten = destination[..charsWritten].TrimEnd('0').TrimEnd('.').Length;
        return true;
    }

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this}");
}
