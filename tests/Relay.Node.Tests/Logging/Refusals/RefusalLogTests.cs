using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Node.Logging;
using Relay.Node.Logging.Refusals;
using Relay.Smtp.Replies;

namespace Relay.Node.Tests.Logging.Refusals;

public sealed class RefusalLogTests : IDisposable
{
    private readonly SessionLines _lines = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RelayMetrics _metrics = new(new MeterScope(), () => 0, () => 0, () => 0, () => 0, () => 0);
    private readonly RefusalLog _log;

    public RefusalLogTests()
    {
        _log = new RefusalLog(_time, _metrics, new SessionLog(_lines, _time));
    }

    public void Dispose()
    {
        _log.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void A_flood_is_ten_lines_and_a_sum_a_minute()
    {
        for (var i = 0; i < 1000; i++)
        {
            _log.Add(Refusal($"u{i}@victim.example"));
        }

        Assert.Equal(10, _lines.Written.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        _time.Advance(RefusalLog.LookInterval);
        Assert.Equal(11, _lines.Written.Count);
        Assert.Equal(
            "refused more=990 client=192.0.2.7 last-to=<u999@victim.example> last-reply=\"550 5.7.1 Relaying denied\" listener=public rule=relay.networks",
            _lines.Written.Last());
    }

    [Fact]
    public void A_line_has_what_is_known_and_nothing_else()
    {
        _log.Add(Refusal("u@victim.example") with { Sender = "" });
        _log.Add(Refusal("") with { Helo = null, Sender = null, Recipient = null });
        _log.Add(Refusal("") with { Sender = null, Recipient = null, Rule = "authentication", User = "x\" y", Mechanism = "PLAIN" });
        Assert.Equal(
            ["refused client=192.0.2.7 helo=\"helo.example\" from=<> to=<u@victim.example> reply=\"550 5.7.1 Relaying denied\" listener=public tls=\"none\" rule=relay.networks",
             "refused client=192.0.2.7 reply=\"550 5.7.1 Relaying denied\" listener=public tls=\"none\" rule=relay.networks",
             "refused client=192.0.2.7 helo=\"helo.example\" reply=\"550 5.7.1 Relaying denied\" listener=public tls=\"none\" user=\"x\\\" y\" mechanism=PLAIN rule=authentication"],
            _lines.Written);
    }

    [Fact]
    public void What_is_counted_when_the_node_stops_is_written()
    {
        for (var i = 0; i < 12; i++)
        {
            _log.Add(Refusal("u@victim.example"));
        }

        _log.Dispose();
        Assert.Contains("refused more=2 ", _lines.Written.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_is_named_in_has_a_line_too()
    {
        var limits = new RefusalLimits();
        for (var i = 0; i <= limits.TrackedMax; i++)
        {
            _log.Add(Refusal("u@victim.example") with { Client = new IPAddress(BitConverter.GetBytes(i)) });
        }

        _log.Dispose();
        Assert.Equal(limits.LinesMax + limits.SumsMax + 1, _lines.Written.Count);
        Assert.StartsWith($"refused others={limits.TrackedMax + 1 - limits.LinesMax - limits.SumsMax} last-client=", _lines.Written.Last(), StringComparison.Ordinal);
    }

    // Of every text that a stranger chooses: nothing ends the line, moves the cursor, or is endless.
    [Theory]
    [InlineData("\u001b[2J\u001b]0;owned\u0007")]
    [InlineData("x\r\n2026-01-01T00:00:00.000+00:00 INF forged")]
    [InlineData("x\n\0\u0085\u2028\u202e")]
    [InlineData("\" client=10.9.9.9 rule=\"forged")]
    public void What_strangers_say_stays_one_line_of_printable_text(string said)
    {
        foreach (var text in (string[])[said, said + new string('x', 64 * 1024)])
        {
            for (var i = 0; i < 11; i++)
            {
                _log.Add(Refusal(text) with { Helo = text, Sender = text, Reply = new SmtpReply(550, new(5, 1, 1), "No") });
            }
        }

        _log.Dispose();
        Assert.Equal(11, _lines.Written.Count);
        foreach (var line in _lines.Written)
        {
            Assert.DoesNotContain(line, character => character is < ' ' or (>= '\u007f' and <= '\u009f') or '\u2028' or '\u2029' or '\u202e');
            Assert.InRange(line.Length, 1, 8 * LogText.LengthMax * 6);
            Assert.Equal(1, line.Split(" client=192.0.2.7").Length - 1);
            Assert.DoesNotContain(" client=10.9.9.9 rule=\"", line.Replace("\\\"", "\u2003", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    private static RefusalFacts Refusal(string recipient) => new(
        IPAddress.Parse("192.0.2.7"), "public", "helo.example", "a@b.example", recipient, new SmtpReply(550, new(5, 7, 1), "Relaying denied"), "relay.networks");
}
