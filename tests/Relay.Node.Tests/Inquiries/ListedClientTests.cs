using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Inquiries;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Node.Tests.Inquiries;

/// <summary>Lists that do not refuse: a line once, a wait each time.</summary>
public sealed class ListedClientTests
{
    private static readonly ClientFacts Client = new(IPAddress.Parse("192.0.2.7"), "public", null);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_client_waits_once_for_all_lists_and_each_list_has_one_line()
    {
        var lines = new LineLogger();
        var listed = new ListedClient(new InquiryLog(lines, _time), TimeSpan.FromSeconds(5), _time);
        ListMark[] marks = [Mark("a.example", DnsBlocklistAction.Tarpit), Mark("b.example", DnsBlocklistAction.Tarpit), Mark("c.example", DnsBlocklistAction.Log)];
        for (var mail = 0; mail < 2; mail++)
        {
            var waiting = listed.TreatAsync(Client, marks);
            _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
            Assert.False(waiting.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await waiting;
        }

        Assert.Equal(
            ["listed client=192.0.2.7 listener=public rule=a", "listed client=192.0.2.7 listener=public rule=b", "listed client=192.0.2.7 listener=public rule=c"],
            lines.Lines);
    }

    [Fact]
    public void Without_a_tarpit_nobody_waits()
    {
        var listed = new ListedClient(new InquiryLog(new LineLogger(), _time), TimeSpan.FromSeconds(5), _time);
        Assert.True(listed.TreatAsync(Client, []).IsCompletedSuccessfully);
        Assert.True(listed.TreatAsync(Client, [Mark("c.example", DnsBlocklistAction.Log)]).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_flood_of_listed_clients_is_a_hundred_lines_a_minute_and_a_number()
    {
        var lines = new LineLogger();
        var log = new InquiryLog(lines, _time);
        for (var i = 0; i < InquiryLog.LinesMax + 7; i++)
        {
            await new ListedClient(log, TimeSpan.Zero, _time).TreatAsync(Client, [Mark("c.example", DnsBlocklistAction.Log)]);
        }

        Assert.Equal(InquiryLog.LinesMax, lines.Lines.Count);
        _time.Advance(InquiryLog.LineInterval);
        await new ListedClient(log, TimeSpan.Zero, _time).TreatAsync(Client, [Mark("c.example", DnsBlocklistAction.Log)]);
        Assert.Equal(["listed more=7", "listed client=192.0.2.7 listener=public rule=c"], lines.Lines.Skip(InquiryLog.LinesMax));
    }

    private static ListMark Mark(string zone, DnsBlocklistAction action) => new(InquiryBench.Domain(zone), action, zone[..1]);

    private sealed class LineLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
