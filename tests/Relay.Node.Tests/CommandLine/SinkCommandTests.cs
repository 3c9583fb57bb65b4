using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Relay.Flood.Sink;

namespace Relay.Node.Tests.CommandLine;

public sealed class SinkCommandTests : IDisposable
{
    private readonly CommandRun _run = new();
    private SinkSettings? _settings;

    public SinkCommandTests() => _run.RunSink = (settings, _, _) =>
    {
        _settings = settings;
        return Task.FromResult(0);
    };

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Without_options_the_sink_has_its_own_defaults()
    {
        Assert.Equal(0, await _run.RunAsync("sink"));

        Assert.Equal(new SinkSettings() with { Faults = _settings!.Faults }, _settings);
        Assert.Empty(_settings.Faults);
    }

    [Fact]
    public async Task Every_option_reaches_the_sink()
    {
        Assert.Equal(0, await _run.RunAsync(
            "sink", "--listen", "[::1]:0", "--save", "mail", "--fail", "RCPT=451 4.2.1 Mailbox busy", "--fail=data=552", "--rate", "0.1",
            "--seed", "9", "--delay", "200ms", "--drop-at", "dot", "--count", "3", "--ledger", "/tmp/l"));

        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), _settings!.Listen);
        Assert.Equal(Path.Combine(_run.Folder, "mail"), _settings.SaveDirectory);
        Assert.Equal([SinkPlace.Rcpt, SinkPlace.Data], _settings.Faults.Select(fault => fault.Place));
        Assert.Equal("451 4.2.1 Mailbox busy", _settings.Faults[0].Reply.ToString());
        Assert.Equal(552, _settings.Faults[1].Reply.Code);
        Assert.Equal((0.1, 9L, TimeSpan.FromMilliseconds(200)), (_settings.Rate, _settings.Seed, _settings.Delay));
        Assert.Equal((SinkPlace.Dot, 3L, "/tmp/l"), (_settings.DropAt, _settings.StopAfter, _settings.LedgerFile));
    }

    [Theory]
    [InlineData("--listen", "localhost:1", "\"localhost:1\" is not an IP address and port, like 127.0.0.1:25 or [::1]:25")]
    [InlineData("--fail", "RCPT=251", "the code of a fault is 400 to 599")]
    [InlineData("--fail", "RCPT", "\"RCPT\" is not PLACE=CODE, such as RCPT=451")]
    [InlineData("--rate", "1.1", "\"1.1\" is not a share from 0 to 1, like 0.1")]
    [InlineData("--rate", "1e-3", "\"1e-3\" is not a share from 0 to 1, like 0.1")]
    [InlineData("--rate", "NaN", "\"NaN\" is not a share from 0 to 1, like 0.1")]
    [InlineData("--delay", "-1ms", "\"-1ms\" is not a time: a whole number and s, m, h or d, like 30s, 5m, 4h or 5d")]
    [InlineData("--drop-at", "QUIT", "\"QUIT\" is no place: CONNECT, EHLO, MAIL, RCPT, DATA, DOT, AFTER-DOT")]
    [InlineData("--count", "0", "\"0\" is not a number from 1")]
    public async Task A_wrong_value_is_a_usage_error(string option, string value, string error)
    {
        Assert.Equal(2, await _run.RunAsync("sink", option, value));

        Assert.Equal([$"relay: {option}: {error}", "See 'relay sink --help'."], _run.ErrorLines);
        Assert.Null(_settings);
    }

    [Fact]
    public async Task The_sink_itself_listens_answers_and_ends_when_told()
    {
        _run.RunSink = null;
        using var stop = new CancellationTokenSource();
        using var output = new LineWriter();

        var sink = _run.RunAsync(["sink", "--listen", "127.0.0.1:0", "--fail", "CONNECT=421 Not today"], output, stop.Token);
        var listening = await output.FirstLine.WaitAsync(TimeSpan.FromSeconds(30));
        var port = int.Parse(listening.Split("127.0.0.1:")[1].Split(':')[0], CultureInfo.InvariantCulture);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("421 Not today", await reader.ReadLineAsync(stop.Token));
        await stop.CancelAsync();

        Assert.Equal(0, await sink.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Tells when a program has written its first line.</summary>
    private sealed class LineWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _first.Task;

        public override Task WriteLineAsync(string? value)
        {
            _first.TrySetResult(value ?? "");
            return base.WriteLineAsync(value);
        }
    }
}
