using System.Globalization;
using Relay.Node.Logging.Output;
using Serilog.Events;
using Serilog.Parsing;

namespace Relay.Node.Tests.Logging.Output;

public sealed class LogLineTests
{
    private readonly LogLine _format = new();

    [Fact]
    public void A_line_is_time_level_and_message()
    {
        Assert.Equal("2026-11-29T09:36:07.204+00:00 WRN gr\u00fc\u00dfe to \"all\"\n", Format(LogEventLevel.Warning, "gr\u00fc\u00dfe to {Whom}", "\"all\""));
    }

    [Theory]
    [InlineData("a\r\n2026-01-01T00:00:00.000+00:00 INF forged")]
    [InlineData("\u001b[2J")]
    [InlineData("\u2028forged\u2029forged\u0085forged")]
    [InlineData("\u202eevil\u0000\u0007\u009b31m")]
    public void Nothing_in_a_message_ends_its_line_or_moves_a_cursor(string said)
    {
        var line = Format(LogEventLevel.Information, "it says {Text}", said);
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line[..^1], static character => char.IsControl(character) || character is '\u2028' or '\u2029' or '\u202e');
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)said.First(static c => c is < ' ' or > '~'):x4}"), line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lines_of_an_exception_cannot_be_taken_for_others()
    {
        var text = Format(LogEventLevel.Error, "it failed", "", new InvalidOperationException("a\r\n2026-11-29T09:36:07.204+00:00 INF forged\u001b[2J"));
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines[1..], static line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
        Assert.EndsWith("INF forged\\u001b[2J", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_text_is_cut()
    {
        var line = Format(LogEventLevel.Error, "{Text}", new string('x', 1 << 20), new InvalidOperationException(new string('\n', 1 << 20)));
        Assert.InRange(line.Length, LogLine.LengthMax, LogLine.OctetsMax);
        Assert.Contains("xxx...\n", line, StringComparison.Ordinal);
        Assert.EndsWith("  ...\n", line, StringComparison.Ordinal);
    }

    private string Format(LogEventLevel level, string template, string value, Exception? exception = null)
    {
        var parsed = new MessageTemplateParser().Parse(template);
        var properties = parsed.Tokens.OfType<PropertyToken>().Select(token => new LogEventProperty(token.PropertyName, new ScalarValue(value)));
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        _format.Format(
            new LogEvent(new DateTimeOffset(2026, 11, 29, 9, 36, 7, 204, TimeSpan.Zero), level, exception, parsed, properties), output);
        return output.ToString();
    }
}
