using System.Globalization;
using Relay.Messages.Ids;
using Relay.Node.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Relay.Node.Tests.Logging;

public sealed class MailLogTests : ILogEventSink
{
    private static readonly MessageId Id = new(7, 8);

    private readonly List<string> _lines = [];

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("the \"list\" loops", " reason=\"the \\\"list\\\" loops\"")]
    public void A_reason_is_written_when_there_is_one(string? reason, string tail)
    {
        using var logger = new LoggerConfiguration().WriteTo.Sink(this).CreateLogger();
        var log = new MailLog(logger, TimeProvider.System);
        log.Happened(Id, "released", [], reason);
        log.Happened(Id, "retried", ["a@b.example"], reason);
        Assert.Equal([$"{Id} released{tail}", $"{Id} retried to=<a@b.example>{tail}"], _lines);
    }

    void ILogEventSink.Emit(LogEvent logEvent) => _lines.Add(logEvent.RenderMessage(CultureInfo.InvariantCulture));
}
