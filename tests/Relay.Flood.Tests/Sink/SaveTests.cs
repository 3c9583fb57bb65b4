using System.Text;
using System.Text.Json;
using Relay.Flood.Sink;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Sink;

public class SaveTests
{
    private const string Header = "Subject: x\r\n\r\n";

    public static TheoryData<string> Contents => new()
    {
        Header,
        "\r\n",
        Header + "plain\r\n",
        Header + ".\r\n..\r\n...\r\n.x\r\nx.\r\n\r\n.\r\n\r\n",
        ".first line of all\r\n",
        Header + "käse, \u65e5\u672c\r\n",
        Header + "\u0001\u0007\u001b\u007f control\ttab\r\n",
        Header + new string('a', 998) + "\r\n." + new string('b', 997) + "\r\n",
        Header + "\r\n\r\n\r\n",
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Saved_octets_are_the_octets_sent(string text)
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        var content = Encoding.UTF8.GetBytes(text);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], content)).MustBe(250);
        Assert.Equal(["1.eml", "1.json"], folder.Names());
        Assert.Equal(content, await File.ReadAllBytesAsync(folder.File("1.eml")));
        Assert.Equal(content.Length, sink.Counters.Bytes);
    }

    [Fact]
    public async Task Every_octet_that_may_be_in_a_line_is_saved_as_sent()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        byte[] content = [.. "\r\n"u8, .. Enumerable.Range(1, 255).Where(o => o is not (10 or 13)).Select(o => (byte)o), .. "\r\n"u8];
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], content)).MustBe(250);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder.File("1.eml")));
    }

    [Fact]
    public async Task Octets_that_come_one_at_a_time_are_saved_as_sent()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        var content = Encoding.UTF8.GetBytes(Header + ".a\r\n..\r\n\r\n.\r\nkäse\r\n");
        foreach (var octet in StuffedContent.Of(content))
        {
            await client.SendAsync(new[] { octet });
        }

        (await client.ReadReplyAsync()).MustBe(250);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder.File("1.eml")));
    }

    [Fact]
    public async Task Chunks_are_saved_without_their_commands()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("BDAT 14\r\n" + Header.TrimEnd() + "\r\n")).MustBe(250);
        (await client.CommandAsync("BDAT 7 LAST\r\n.\r\nx.")).MustBe(250);
        Assert.Equal("Subject: x\r\n\r\n.\r\nx.\r\n", await File.ReadAllTextAsync(folder.File("1.eml")));
    }

    [Fact]
    public async Task The_envelope_lies_beside_the_message()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint, "me.client.example");
        (await client.CommandAsync("MAIL FROM:<\"a b\"@Client.example> SIZE=20 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+2B1")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+40sink.example")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<käse@sink.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        (await client.CommandAsync(Header + ".")).MustBe(250);

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(folder.File("1.json")));
        var root = json.RootElement;
        Assert.Equal("\"a b\"@Client.example", root.GetProperty("from").GetString());
        Assert.Equal(["b@sink.example", "käse@sink.example"], root.GetProperty("to").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(
            """{"size":20,"body":"8BITMIME","smtputf8":true,"ret":"HDRS","envid":"id+2B1"}""",
            JsonSerializer.Serialize(root.GetProperty("parameters")).Replace("\\u002B", "+", StringComparison.Ordinal));
        var recipients = root.GetProperty("recipientParameters").EnumerateArray().ToArray();
        Assert.Equal("SUCCESS,DELAY", recipients[0].GetProperty("notify").GetString());
        Assert.Equal("rfc822;old+40sink.example", recipients[0].GetProperty("orcpt").GetString());
        Assert.Empty(recipients[1].EnumerateObject());
        Assert.Equal("me.client.example", root.GetProperty("helo").GetString());
        Assert.Equal(client.LocalEndPoint.ToString(), root.GetProperty("peer").GetString());
    }

    [Fact]
    public async Task Numbers_go_on_from_what_the_folder_holds()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.File("7.eml"), "old");
        await File.WriteAllTextAsync(folder.File("incoming-3.tmp"), "left by a killed process");
        await File.WriteAllTextAsync(folder.File("notes.txt"), "someone's");
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], "\r\nx\r\n"u8.ToArray())).MustBe(250);
        Assert.Equal(["7.eml", "8.eml", "8.json", "notes.txt"], folder.Names());
    }

    [Fact]
    public async Task A_missing_folder_is_made()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.File("a/b") });
        Assert.True(Directory.Exists(folder.File("a/b")));
    }

    [Theory]
    [InlineData("a bare \n line feed\r\n")]
    [InlineData("a bare \r carriage return\r\n")]
    [InlineData("a NUL \0 octet\r\n")]
    public async Task A_malformed_body_is_refused_and_leaves_nothing(string line)
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        var content = Encoding.UTF8.GetBytes(Header + "good\r\n" + line);
        var reply = await client.SendMessageAsync("a@client.example", ["b@sink.example"], content);
        Assert.Equal(550, reply.Code);
        Assert.Empty(folder.Names());
        Assert.Equal(0, sink.Counters.Messages);
    }

    [Fact]
    public async Task A_body_that_is_given_up_half_way_leaves_nothing_in_the_next()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("BDAT 12\r\nSubject: x")).MustBe(250);
        Assert.Single(folder.Names());
        (await client.CommandAsync("RSET")).MustBe(250);
        Assert.Empty(folder.Names());
        (await client.SendMessageAsync("", ["b@sink.example"], "\r\nnext\r\n"u8.ToArray())).MustBe(250);
        Assert.Equal("\r\nnext\r\n", await File.ReadAllTextAsync(folder.File("1.eml")));
    }

    [Fact]
    public async Task A_client_that_dies_in_the_body_leaves_nothing()
    {
        using var folder = new TestFolder();
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = folder.Path });
        var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        await client.SendAsync("MAIL FROM:<>\r\nRCPT TO:<b@sink.example>\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync(Header + "half of");
        client.Abort();
        await sink.StopAsync();
        Assert.Empty(folder.Names());
    }

    [Fact]
    public async Task A_message_that_cannot_be_saved_is_refused_for_now_and_the_next_is_taken()
    {
        using var folder = new TestFolder();
        var save = folder.File("save");
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = save });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        Directory.Delete(save);
        var content = Encoding.UTF8.GetBytes(Header + "x\r\n");
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], content)).MustBe(451);
        Assert.Equal((0, 1), (sink.Counters.Messages, sink.Counters.Failures));
        Assert.IsAssignableFrom<IOException>(sink.FirstFailure);
        Directory.CreateDirectory(save);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], content)).MustBe(250);
        Assert.Equal(1, sink.Counters.Messages);
    }

    [Fact]
    public async Task A_folder_that_vanishes_under_a_message_refuses_it_and_leaves_the_connection_usable()
    {
        using var folder = new TestFolder();
        var save = folder.File("save");
        await using var sink = SmtpSink.Start(TestSinks.OnFreePort with { SaveDirectory = save });
        await using var client = await SmtpTestClient.GreetAsync(sink.BoundEndPoint);
        (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<b@sink.example>")).MustBe(250);
        (await client.CommandAsync("BDAT 14\r\nSubject: x\r\n")).MustBe(250);
        Assert.Single(Directory.GetFiles(save));
        Directory.Delete(save, recursive: true);
        (await client.CommandAsync("BDAT 3 LAST\r\nx")).MustBe(451);
        Directory.CreateDirectory(save);
        (await client.SendMessageAsync("a@client.example", ["b@sink.example"], "\r\nx\r\n"u8.ToArray())).MustBe(250);
    }
}
