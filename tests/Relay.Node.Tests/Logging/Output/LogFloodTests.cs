using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Node.Logging;
using Relay.Node.Logging.Output;
using Relay.Node.Logging.Refusals;
using Relay.Node.Settings;
using Relay.Smtp.Replies;
using Serilog;
using Serilog.Extensions.Logging;

namespace Relay.Node.Tests.Logging.Output;

/// <summary>How much strangers can add to the files of the log, with the longest and worst text that they may say.</summary>
public sealed class LogFloodTests : IDisposable
{
    private const int Refusals = 100_000;
    private static readonly RefusalLimits Limits = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_stranger_who_is_refused_a_hundred_thousand_times_adds_eleven_lines() =>
        AssertBounded(static _ => IPAddress.Parse("192.0.2.7"), Limits.LinesPerRule + 1, 64 * 1024);

    [Fact]
    public void A_hundred_thousand_strangers_who_are_refused_add_601_lines() =>
        AssertBounded(static i => new IPAddress(new byte[] { 10, (byte)(i >> 16), (byte)(i >> 8), (byte)i }), Limits.LinesMax + Limits.SumsMax + 1, 3 << 20);

    private void AssertBounded(Func<int, IPAddress> client, int linesMax, int octetsMax)
    {
        var logs = NodeLogs.Open(new LogSection { Directory = _folder }, TimeProvider.System);
        var time = new FakeTimeProvider();
        using (var logger = logs.AddTo(new LoggerConfiguration()).CreateLogger())
        using (var factory = new SerilogLoggerFactory(logger))
        using (var metrics = new RelayMetrics(new MeterScope(), () => 0, () => 0, () => 0, () => 0, () => 0))
        using (var log = new RefusalLog(time, metrics, new SessionLog(factory.CreateLogger<SessionLog>(), time)))
        {
            var said = new string('\u001b', LogText.LengthMax + 1);
            var reply = new SmtpReply(550, new EnhancedStatus(5, 7, 1), "Relaying denied");
            for (var i = 0; i < Refusals; i++)
            {
                log.Add(new RefusalFacts(client(i), "public", said, said, said, reply, "relay.networks"));
            }
        }

        var octets = File.ReadAllBytes(Path.Combine(_folder, "mail.log"));
        Assert.InRange(octets.Count(static octet => octet == '\n'), 1, linesMax);
        Assert.InRange(octets.Length, 1, octetsMax);
        Assert.DoesNotContain('\u001b', Encoding.UTF8.GetString(octets));
        Assert.All(logs.Queues, static queue => Assert.Equal(0, queue.Lost));
    }
}
