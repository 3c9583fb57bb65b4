using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class LedgerTests
{
    [Theory]
    [InlineData("X-Ledger-Id: 17\r\nMessage-ID: <m@client.example>\r\n\r\n", "17")]
    [InlineData("Message-ID: <m@client.example>\r\nX-Ledger-Id: 17\r\n\r\n", "17")]
    [InlineData("message-id:\r\n <m@client.example>\r\nSubject: x\r\n\r\n", "<m@client.example>")]
    [InlineData("X-Ledger-Id:\t a\tb \r\n\r\n", "a b")]
    [InlineData("X-Ledger-Id:  \r\nMessage-ID: <m@client.example>\r\n\r\n", "<m@client.example>")]
    [InlineData("X-Ledger-Identity: 17\r\n\r\n", "-")]
    [InlineData("Subject: x\r\n\r\nX-Ledger-Id: in the body\r\n", "-")]
    [InlineData("\r\nX-Ledger-Id: in the body\r\n", "-")]
    public async Task The_ledger_has_time_id_and_recipients_before_the_reply(string content, string id)
    {
        using var folder = new TestFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { LedgerFile = folder.File("ledger") }, time);
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        string[] recipients = ["b@sink.example", "\"c, d\"@sink.example"];
        (await client.SendMessageAsync("a@client.example", recipients, Encoding.UTF8.GetBytes(content))).MustBe(250);
        var text = await File.ReadAllTextAsync(folder.File("ledger"));
        Assert.Equal($"2030-01-02T03:04:05.0000000Z\t{id}\tb@sink.example\t\"c, d\"@sink.example\n", text);
        Assert.True(LedgerEntry.TryParse(text.TrimEnd('\n'), out var entry));
        Assert.Equal((time.GetUtcNow(), id), (entry.At, entry.Id));
        Assert.Equal(["b@sink.example", "\"c, d\"@sink.example"], entry.Recipients);
    }

    [Fact]
    public async Task An_id_that_comes_octet_by_octet_is_found()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { LedgerFile = folder.File("ledger") });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        for (var message = 0; message < 2; message++)
        {
            (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
            (await client.CommandAsync("DATA")).MustBe(354);
            foreach (var octet in Encoding.ASCII.GetBytes($"Subject: x\r\nX-Ledger-Id: number {message}\r\n\r\nX-Ledger-Id: no\r\n.\r\n"))
            {
                await client.SendAsync(new[] { octet });
            }

            (await client.ReadReplyAsync()).MustBe(250);
        }

        Assert.Equal(["number 0", "number 1"], (await ReadAsync(folder.File("ledger"))).Select(e => e.Id));
    }

    [Fact]
    public async Task A_ledger_is_appended_to_and_a_torn_line_stays_alone()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.File("ledger"), "2030-01-02T03:04:05.0000000Z\told\tb@sink.example\n2030-01-0");
        await using (var sink = SmtpSink.Start(TestSinks.OnFreePort with { LedgerFile = folder.File("ledger") }))
        {
            await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
            (await client.SendMessageAsync("", ["b@sink.example"], "X-Ledger-Id: new\r\n\r\n"u8.ToArray())).MustBe(250);
        }

        Assert.Equal(["old", "new"], (await ReadAsync(folder.File("ledger"))).Select(e => e.Id));
        Assert.Equal(3, (await File.ReadAllLinesAsync(folder.File("ledger"))).Length);
    }

    [Fact]
    public async Task Many_connections_write_whole_lines()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { LedgerFile = folder.File("ledger") });
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (number, _) =>
        {
            await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
            for (var i = 0; i < 25; i++)
            {
                var content = Encoding.ASCII.GetBytes($"X-Ledger-Id: {number}.{i}\r\n\r\n");
                (await client.SendMessageAsync("", ["b@sink.example"], content)).MustBe(250);
            }
        });
        var ids = (await ReadAsync(folder.File("ledger"))).Select(e => e.Id).ToHashSet();
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"{n / 25}.{n % 25}").ToHashSet(), ids);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2030-01-02T03:04:05.0000000Z")]
    [InlineData("2030-01-02T03:04:05.0000000Z\tid")]
    [InlineData("yesterday\tid\tb@sink.example")]
    public void A_torn_line_is_no_entry(string line) => Assert.False(LedgerEntry.TryParse(line, out _));

    private static async Task<List<LedgerEntry>> ReadAsync(string file)
    {
        var entries = new List<LedgerEntry>();
        foreach (var line in await File.ReadAllLinesAsync(file))
        {
            if (LedgerEntry.TryParse(line, out var entry))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }
}
