using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class SmtpSinkTests
{
    private static readonly byte[] Content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task Counters_tell_what_hundreds_of_connections_sent()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        var clients = new ConcurrentBag<SmtpTestClient>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) =>
        {
            var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
            clients.Add(client);
            for (var i = 0; i < 3; i++)
            {
                (await client.SendMessageAsync("a@client.example", ["b@sink.example", "c@sink.example"], Content)).MustBe(250);
            }
        });
        var counters = sink.Counters;
        Assert.Equal((300, 300), (counters.Connections, counters.OpenConnections));
        Assert.Equal((900, 1800, 900 * Content.Length), (counters.Messages, counters.Recipients, counters.Bytes));
        Assert.True(counters.Busy > TimeSpan.Zero);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await sink.StopAsync();
        Assert.Equal(0, sink.Counters.OpenConnections);
    }

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        const string Envelope = "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@sink.example>\r\nRCPT TO:<bad>\r\nDATA\r\n";
        const string Body = "Subject: x\r\n\r\n..\r\n.\r\n";
        await client.SendAsync(Envelope);
        int[] expected = [250, 250, 501, 354];
        for (var message = 0; message < 50; message++)
        {
            foreach (var code in expected)
            {
                var reply = await client.ReadReplyAsync();
                Assert.True(reply.Code == code || (code == 501 && reply.Code / 100 == 5), $"{code} expected, {reply}");
            }

            await client.SendAsync(message < 49 ? Body + Envelope : Body + "QUIT\r\n");
            (await client.ReadReplyAsync()).MustBe(250);
        }

        (await client.ReadReplyAsync()).MustBe(221);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(50, sink.Counters.Messages);
    }

    [Fact]
    public async Task A_client_that_sends_all_and_closes_its_side_gets_every_reply()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await client.SendAsync("MAIL FROM:<>\r\nRCPT TO:<b@sink.example>\r\nRSET\r\nNOOP\r\n");
        client.EndSending();
        var replies = (await client.ReadToEndAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, replies.Length);
        Assert.All(replies, reply => Assert.StartsWith("250 ", reply, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_observer_has_seen_the_message_when_the_reply_arrives()
    {
        var seen = new ConcurrentQueue<SinkMessage>();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort, observer: new SinkObserver(seen.Enqueue, WithContent: true));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint, "me.client.example");
        for (var i = 1; i <= 3; i++)
        {
            var content = Encoding.UTF8.GetBytes($"Subject: {i}\r\n\r\n.{new string('x', i * 40_000 % 900)}\r\n");
            (await client.SendMessageAsync($"a{i}@client.example", [$"b{i}@sink.example"], content)).MustBe(250);
            Assert.True(seen.TryDequeue(out var message));
            Assert.Equal((i, "me.client.example", (long)content.Length), (message.Number, message.HeloName, message.Size));
            Assert.Equal($"a{i}@client.example", message.Envelope.Sender.Text);
            Assert.Equal([$"b{i}@sink.example"], message.Envelope.Recipients.Select(r => r.Path.Text));
            Assert.Equal(content, message.Content.ToArray());
            Assert.Equal(client.LocalEndPoint, message.Peer);
        }
    }

    [Fact]
    public async Task An_observer_gets_no_content_unless_it_asks()
    {
        var seen = new ConcurrentQueue<SinkMessage>();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort, observer: new SinkObserver(seen.Enqueue));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], Content)).MustBe(250);
        Assert.Equal((true, (long)Content.Length), (seen.Single().Content.IsEmpty, seen.Single().Size));
    }

    [Fact]
    public async Task An_observer_that_throws_refuses_the_message_for_now()
    {
        var observer = new SinkObserver(_ => throw new InvalidOperationException("no"));
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort, observer: observer);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], Content)).MustBe(451);
        (await client.CommandAsync("NOOP")).MustBe(250);
        Assert.Equal((0, 1, "no"), (sink.Counters.Messages, sink.Counters.Failures, sink.FirstFailure?.Message));
    }

    [Fact]
    public async Task A_delay_holds_back_the_reply_to_the_body_and_nothing_else()
    {
        var time = new WatchedTime();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { Delay = TimeSpan.FromMilliseconds(200) }, time);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        var reply = client.SendMessageAsync("a@client.example", ["b@sink.example"], Content);
        Assert.Equal(TimeSpan.FromMilliseconds(200), await time.TimerMade.WaitAsync(client.Patience));
        time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Equal(0, sink.Counters.Messages);
        Assert.False(reply.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        (await reply).MustBe(250);
    }

    [Fact]
    public async Task A_message_is_not_accepted_before_its_delay_is_over()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { Delay = TimeSpan.FromHours(1) }, new FakeTimeProvider());
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync(StuffedContent.Of(Content));
        await sink.StopAsync();
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(0, sink.Counters.Messages);
    }

    [Fact]
    public async Task After_the_last_message_it_waits_for_the_sink_has_completed_and_refuses_more()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { StopAfter = 2 });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await using var other = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], Content)).MustBe(250);
        Assert.False(sink.Completed.IsCompleted);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], Content)).MustBe(250);
        await sink.Completed.WaitAsync(client.Patience);
        (await other.SendMessageAsync("a@client.example", ["b@sink.example"], Content)).MustBe(421);
        Assert.Equal(string.Empty, await other.ReadToEndAsync());
        Assert.Equal(2, sink.Counters.Messages);
    }

    [Fact]
    public async Task One_connection_too_many_is_told_and_closed()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { ConnectionsMax = 2 });
        await using var first = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await using var second = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await using var third = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        Assert.StartsWith("421 4.7.0 ", await third.ReadToEndAsync(), StringComparison.Ordinal);
        (await second.CommandAsync("NOOP")).MustBe(250);
    }

    [Fact]
    public async Task A_stop_tells_idle_clients_and_closes_the_busy_ones()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        await using var idle = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await using var busy = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await busy.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await busy.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await busy.CommandAsync("DATA")).MustBe(354);
        await busy.SendAsync("half of");
        await using var silent = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        await silent.ReadReplyAsync();
        await sink.StopAsync();
        (await idle.ReadReplyAsync()).MustBe(421);
        Assert.Equal(string.Empty, await idle.ReadToEndAsync());
        Assert.Equal(string.Empty, await busy.ReadToEndAsync());
        Assert.StartsWith("421 ", await silent.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (sink.Counters.OpenConnections, sink.Counters.Failures));
        await Assert.ThrowsAnyAsync<SocketException>(() => SmtpTestClient.ConnectAsync(sink.BoundEndPoint));
    }

    [Fact]
    public async Task A_stop_cuts_a_client_that_takes_no_replies()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { StopTime = TimeSpan.FromMilliseconds(100) });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        client.Patience = TimeSpan.FromSeconds(1);
        var help = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HELP\r\n", 20_000)));
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            while (true)
            {
                await client.SendAsync(help);
            }
        });
        await sink.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, sink.Counters.OpenConnections);
    }

    [Fact]
    public async Task A_sink_stops_twice_without_harm()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort);
        await sink.StopAsync();
        await sink.StopAsync();
        Assert.Equal(0, sink.Counters.OpenConnections);
    }

    [Fact]
    public async Task A_sink_listens_where_it_is_told()
    {
        var settings = TestSinks.OnFreePort with { Listen = new IPEndPoint(IPAddress.IPv6Loopback, 0), HostName = "mx.sink.example" };
        await using var sink = SmtpSink.Start(settings);
        Assert.Equal(IPAddress.IPv6Loopback, sink.BoundEndPoint.Address);
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        Assert.StartsWith("mx.sink.example ", (await client.ReadReplyAsync()).MustBe(220).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_do_not_start()
    {
        SinkSettings[] wrong =
        [
            TestSinks.OnFreePort with { Rate = 1.1 },
            TestSinks.OnFreePort with { Rate = -0.1 },
            TestSinks.OnFreePort with { Rate = double.NaN },
            TestSinks.OnFreePort with { Delay = TimeSpan.FromTicks(-1) },
            TestSinks.OnFreePort with { StopAfter = 0 },
            TestSinks.OnFreePort with { SizeMax = 0 },
        ];
        Assert.All(wrong, settings => Assert.Throws<ArgumentOutOfRangeException>(() => SmtpSink.Start(settings)));
    }

    /// <summary>A clock that stands still and tells of the first timer that is set.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _timerMade = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> TimerMade => _timerMade.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timerMade.TrySetResult(dueTime);
            return timer;
        }
    }
}
