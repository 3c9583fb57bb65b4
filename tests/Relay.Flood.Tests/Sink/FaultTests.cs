using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class FaultTests
{
    [Fact]
    public async Task A_fault_at_connect_stands_in_for_the_greeting_and_ends_the_connection()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("CONNECT=554 Not you"));
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        Assert.Equal("554 Not you\r\n", await client.ReadToEndAsync());
        Assert.Equal(1, sink.Counters.FaultReplies);
    }

    [Fact]
    public async Task A_fault_at_connect_arrives_though_the_client_talks_first()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("CONNECT=421 Later"));
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        await client.SendLineAsync("EHLO early.example");
        Assert.Equal("421 Later\r\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_fault_at_ehlo_leaves_helo_to_the_client()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("EHLO=502 Unknown"));
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        (await client.ReadReplyAsync()).MustBe(220);
        Assert.Equal("502 Unknown", (await client.CommandAsync("EHLO client.example")).ToString());
        (await client.CommandAsync("MAIL FROM:<a@client.example>")).MustBe(503);
        (await client.CommandAsync("HELO client.example")).MustBe(250);
        var content = "Subject: x\r\n\r\nEHLO in the text\r\n"u8.ToArray();
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], content)).MustBe(250);
        Assert.Equal(1, sink.Counters.FaultReplies);
    }

    [Fact]
    public async Task A_fault_at_ehlo_finds_one_behind_another_command_but_none_in_a_body()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("EHLO=502"));
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        (await client.ReadReplyAsync()).MustBe(220);
        await client.SendAsync("NOOP\r\nEHLO one.example\r\nHELO two.example\r\nMAIL FROM:<>\r\nRCPT TO:<b@sink.example>\r\nDATA\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(502);
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(354);
        foreach (var line in new[] { "EHLO in.body", "", "EHLO again", "." })
        {
            await client.SendLineAsync(line);
        }

        (await client.ReadReplyAsync()).MustBe(250);
        Assert.Equal(1, sink.Counters.Messages);
        Assert.Equal(1, sink.Counters.FaultReplies);
    }

    [Fact]
    public async Task A_fault_at_mail_refuses_the_transaction()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("MAIL=450 4.7.1 Slow down"));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        Assert.Equal("450 4.7.1 Slow down", (await client.CommandAsync("MAIL FROM:<a@client.example>")).ToString());
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(503);
    }

    [Fact]
    public async Task A_fault_at_rcpt_refuses_every_recipient()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("RCPT=451"));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<a@client.example>")).MustBe(250);
        for (var i = 0; i < 200; i++)
        {
            (await client.CommandAsync($"RCPT TO:<b{i}@sink.example>")).MustBe(451);
        }

        Assert.Equal(200, sink.Counters.FaultReplies);
    }

    [Fact]
    public async Task A_fault_at_data_refuses_the_body_and_leaves_the_connection_usable()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("DATA=554 5.6.0 No"));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<a@client.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        Assert.Equal("554 5.6.0 No", (await client.CommandAsync("DATA")).ToString());
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.CommandAsync("QUIT")).MustBe(221);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_fault_at_dot_refuses_the_message_and_counts_nothing()
    {
        using var folder = new TestFolder();
        var settings = TestSinks.Failing("DOT=452 4.3.1 Full") with { SaveDirectory = folder.Path, LedgerFile = folder.File("ledger") };
        await using var sink = SmtpSink.Start(settings);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        var reply = await client.SendMessageAsync("a@client.example", ["b@sink.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray());
        Assert.Equal("452 4.3.1 Full", reply.ToString());
        Assert.Equal((0, 0, 0), (sink.Counters.Messages, sink.Counters.Recipients, sink.Counters.Bytes));
        Assert.Equal(["ledger"], folder.Names());
        Assert.Empty(await File.ReadAllTextAsync(folder.File("ledger")));
    }

    [Theory]
    [InlineData("EHLO")]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData("DOT")]
    public async Task A_421_also_ends_the_connection(string place)
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing(place + "=421 4.3.2 Away"));
        await using var client = await SmtpTestClient.ConnectAsync(sink.BoundEndPoint);
        await client.ReadReplyAsync();
        var commands = new[] { "EHLO client.example", "MAIL FROM:<a@client.example>", "RCPT TO:<b@sink.example>", "DATA", "\r\n." };
        var codes = new List<int>();
        foreach (var command in commands)
        {
            codes.Add((await client.CommandAsync(command)).Code);
            if (codes[^1] == 421)
            {
                break;
            }
        }

        Assert.Equal(421, codes[^1]);
        Assert.Equal(Array.IndexOf(["EHLO", "MAIL", "RCPT", "DATA", "DOT"], place), codes.Count - 1);
        Assert.Equal(string.Empty, await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Several_faults_at_one_place_take_turns()
    {
        await using var sink = SmtpSink.Start(TestSinks.Failing("MAIL=450", "MAIL=550", "DOT=452"));
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        var codes = new HashSet<int>();
        for (var i = 0; i < 64; i++)
        {
            codes.Add((await client.CommandAsync("MAIL FROM:<>")).Code);
        }

        Assert.Equal([450, 550], codes.Order());
    }
}
