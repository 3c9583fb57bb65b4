using Serilog.Events;
using Serilog.Parsing;

namespace Relay.Node.Tests.Logging.Output;

/// <summary>Lines to write.</summary>
internal static class LogLines
{
    public static LogEvent Of(string text, LogEventLevel level = LogEventLevel.Information) =>
        new(new DateTimeOffset(2026, 11, 29, 9, 36, 7, TimeSpan.Zero), level, exception: null, new MessageTemplate(text, [new TextToken(text)]), []);
}
