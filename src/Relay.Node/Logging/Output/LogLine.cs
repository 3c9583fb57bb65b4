using System.Globalization;
using System.Text;
using Relay.Node.Settings;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Relay.Node.Logging.Output;

/// <summary>How a line of the log is written: time, level and message. What strangers and other programs put into it stays within it. For one thread.</summary>
/// <remarks>The lines of an exception follow, each behind two spaces, so that none of them looks like a line of its own.</remarks>
internal sealed class LogLine : ITextFormatter
{
    /// <summary>Longest message, in characters; the rest is cut and marked.</summary>
    public const int LengthMax = 4_096;

    /// <summary>Longest exception with its stack, in characters.</summary>
    public const int ExceptionLengthMax = 16_384;

    /// <summary>Most octets of a line with all that follows it: text in UTF-8, where an escaped character has six.</summary>
    public const int OctetsMax = 6 * (LengthMax + ExceptionLengthMax) + 1_024;

    private const string Cut = "...";

    private readonly MessageTemplateTextFormatter _message = new("{Message:lj}", CultureInfo.InvariantCulture);
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        Span<char> time = stackalloc char[64];
        logEvent.Timestamp.TryFormat(time, out var length, "yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
        output.Write(time[..length]);
        output.Write(NameOf(logEvent.Level));
        _text.Clear();
        using (var message = new StringWriter(_text, CultureInfo.InvariantCulture))
        {
            _message.Format(logEvent, message);
        }

        WriteSafe(_text.ToString(0, Math.Min(_text.Length, LengthMax)), output);
        output.Write(_text.Length > LengthMax ? Cut : "");
        output.Write('\n');
        if (logEvent.Exception is { } exception)
        {
            WriteException(exception.ToString(), output);
        }
    }

    private static void WriteException(string text, TextWriter output)
    {
        foreach (var line in text.AsSpan(0, Math.Min(text.Length, ExceptionLengthMax)).EnumerateLines())
        {
            output.Write("  ");
            WriteSafe(line.ToString(), output);
            output.Write('\n');
        }

        if (text.Length > ExceptionLengthMax)
        {
            output.Write("  ...\n");
        }
    }

    private static void WriteSafe(string text, TextWriter output) =>
        output.Write(text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? ShownText.Clean(text) : text);

    private static string NameOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => " VRB ",
        LogEventLevel.Debug => " DBG ",
        LogEventLevel.Information => " INF ",
        LogEventLevel.Warning => " WRN ",
        LogEventLevel.Error => " ERR ",
        _ => " FTL ",
    };
}
