using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class DropTests
{
    private static readonly string[] Commands =
        ["EHLO client.example", "MAIL FROM:<a@client.example>", "RCPT TO:<b@sink.example>", "DATA", "Subject: x\r\n\r\nx\r\n."];

    [Theory]
    [InlineData(SinkPlace.Ehlo, 0)]
    [InlineData(SinkPlace.Mail, 1)]
    [InlineData(SinkPlace.Rcpt, 2)]
    [InlineData(SinkPlace.Data, 3)]
    [InlineData(SinkPlace.Dot, 4)]
    [InlineData(SinkPlace.AfterDot, 4)]
    public async Task A_drop_closes_at_its_place_without_a_reply(SinkPlace place, int answered)
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { DropAt = place });
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        (await client.ReadReplyAsync()).MustBe(220);
        foreach (var command in Commands.Take(answered))
        {
            await client.CommandAsync(command);
        }

        await client.SendLineAsync(Commands[answered]);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        await sink.StopAsync();
        Assert.Equal(1, sink.Counters.Drops);
        Assert.Equal(place == SinkPlace.AfterDot ? 1 : 0, sink.Counters.Messages);
    }

    [Fact]
    public async Task A_drop_at_connect_closes_before_the_greeting()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { DropAt = SinkPlace.Connect });
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        Assert.Equal(1, sink.Counters.Drops);
    }

    [Fact]
    public async Task A_drop_sends_the_replies_to_what_was_pipelined_before_it()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { DropAt = SinkPlace.Data });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await client.SendAsync("MAIL FROM:<>\r\nRCPT TO:<b@sink.example>\r\nDATA\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(250);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData(SinkPlace.Dot, 0)]
    [InlineData(SinkPlace.AfterDot, 1)]
    public async Task Only_a_drop_after_the_dot_keeps_the_message(SinkPlace place, int kept)
    {
        using var folder = new TestFolder();
        var settings = TestSinks.OnFreePort with { DropAt = place, SaveDirectory = folder.Path, LedgerFile = folder.File("ledger") };
        await using var sink = SmtpSink.Start(settings);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        foreach (var command in Commands.Skip(1).Take(3))
        {
            await client.CommandAsync(command);
        }

        await client.SendLineAsync(Commands[4]);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
        await sink.StopAsync();
        Assert.Equal(kept, sink.Counters.Messages);
        Assert.Equal(kept == 1 ? ["1.eml", "1.json", "ledger"] : ["ledger"], folder.Names());
        Assert.Equal(kept, (await File.ReadAllLinesAsync(folder.File("ledger"))).Length);
    }

    [Fact]
    public async Task A_drop_that_applies_now_and_then_lets_the_rest_through()
    {
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { DropAt = SinkPlace.AfterDot, Rate = 0.5 });
        var replies = 0;
        for (var i = 0; i < 40; i++)
        {
            await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
            foreach (var command in Commands.Skip(1))
            {
                await client.SendLineAsync(command);
                replies += await client.ReadLineAsync() is null ? 0 : 1;
            }
        }

        Assert.Equal(40, sink.Counters.Messages);
        Assert.InRange(sink.Counters.Drops, 5, 35);
        Assert.Equal((4 * 40) - sink.Counters.Drops, replies);
    }
}
