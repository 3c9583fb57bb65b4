using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class SinkProgramTests
{
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task It_says_where_it_listens_then_a_line_a_second_while_mail_comes_then_the_totals()
    {
        var time = new FakeTimeProvider();
        await using var output = new LineWriter();
        using var end = new CancellationTokenSource();
        var run = SinkProgram.RunAsync(TestSinks.OnFreePort, output, time, end.Token);
        await using var client = await SmtpTestClient.GreetAsync(EndPointOf(await output.NextAsync()));
        (await client.SendMessageAsync("", ["b@sink.example", "c@sink.example"], Content)).MustBe(250);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1 messages, 2 recipients, 17 bytes; 1 messages/s, 0.0 MiB/s; 1 connections", await output.NextAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        (await client.SendMessageAsync("", ["b@sink.example"], Content)).MustBe(250);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("2 messages, 3 recipients, 34 bytes; ", await output.NextAsync(), StringComparison.Ordinal);
        await end.CancelAsync();
        Assert.Equal(0, await run);
        Assert.Equal("Total: 2 messages, 3 recipients, 34 bytes, 1 connections; 2.0 s, 1 messages/s", await output.NextAsync());
        (await client.ReadReplyAsync()).MustBe(421);
    }

    [Fact]
    public async Task It_ends_by_itself_after_the_messages_it_waits_for()
    {
        await using var output = new LineWriter();
        var run = SinkProgram.RunAsync(TestSinks.OnFreePort with { StopAfter = 2 }, output, CancellationToken.None);
        await using var client = await SmtpTestClient.GreetAsync(EndPointOf(await output.NextAsync()));
        (await client.SendMessageAsync("", ["b@sink.example"], Content)).MustBe(250);
        (await client.SendMessageAsync("", ["b@sink.example"], Content)).MustBe(250);
        Assert.Equal(0, await run.WaitAsync(client.Patience));
    }

    [Fact]
    public async Task It_names_the_seed_when_chance_plays_a_part_and_counts_refusals_and_drops()
    {
        await using var output = new LineWriter();
        using var end = new CancellationTokenSource();
        var settings = TestSinks.Failing("MAIL=450") with { Rate = 0.999999, Seed = 77, DropAt = SinkPlace.Rcpt };
        var run = SinkProgram.RunAsync(settings, output, end.Token);
        var start = await output.NextAsync();
        Assert.EndsWith("Seed 77.", start, StringComparison.Ordinal);
        await using var client = await SmtpTestClient.GreetAsync(EndPointOf(start));
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(450);
        await end.CancelAsync();
        Assert.Equal(0, await run);
        Assert.Equal("Total: 0 messages, 0 recipients, 0 bytes, 1 connections, 1 refusals", await output.LastAsync());
    }

    [Fact]
    public async Task It_fails_with_a_reason_when_the_port_is_taken()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        await using var output = new LineWriter();
        var settings = TestSinks.OnFreePort with { Listen = sink.BoundEndPoint };
        Assert.Equal(1, await SinkProgram.RunAsync(settings, output, CancellationToken.None));
        Assert.StartsWith($"Cannot listen on {sink.BoundEndPoint}: ", await output.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_fails_with_a_reason_when_it_cannot_save()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.File("file"), "in the way");
        await using var output = new LineWriter();
        var settings = TestSinks.OnFreePort with { SaveDirectory = folder.File("file") };
        Assert.Equal(1, await SinkProgram.RunAsync(settings, output, CancellationToken.None));
        Assert.StartsWith("Cannot keep messages: ", await output.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_fails_at_the_end_when_a_message_could_not_be_saved()
    {
        using var folder = new TestFolder();
        await using var output = new LineWriter();
        using var end = new CancellationTokenSource();
        var run = SinkProgram.RunAsync(TestSinks.OnFreePort with { SaveDirectory = folder.File("save") }, output, end.Token);
        await using var client = await SmtpTestClient.GreetAsync(EndPointOf(await output.NextAsync()));
        Directory.Delete(folder.File("save"));
        (await client.SendMessageAsync("", ["b@sink.example"], Content)).MustBe(451);
        await end.CancelAsync();
        Assert.Equal(1, await run);
        Assert.StartsWith("1 failures, the first: ", await output.LastAsync(), StringComparison.Ordinal);
    }

    private static IPEndPoint EndPointOf(string line) => IPEndPoint.Parse(line.Split(' ')[2].TrimEnd(':'));

    /// <summary>Hands over what the program prints, line by line.</summary>
    private sealed class LineWriter : TextWriter
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            _lines.Writer.TryWrite(value ?? string.Empty);
            return Task.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<string> NextAsync() => _lines.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public async Task<string> LastAsync()
        {
            var last = await NextAsync();
            while (_lines.Reader.TryRead(out var line))
            {
                last = line;
            }

            return last;
        }
    }
}
