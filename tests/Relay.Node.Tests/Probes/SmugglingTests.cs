using System.Text;
using Relay.TestKit.Smtp;
using static Relay.Node.Tests.Probes.ProbeWorld;

namespace Relay.Node.Tests.Probes;

/// <summary>What looks like the end of a message and is none, over a real socket and out again: nothing is made a second message by us or behind us.</summary>
public sealed class SmugglingTests
{
    private const string Smuggled =
        "MAIL FROM:<smug@internal.example>\r\nRCPT TO:<u@relay.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nX\r\n.\r\n";

    // Whole, in two pieces around the sequence, and octet by octet.
    private static readonly Func<byte[], int, IEnumerable<byte[]>>[] Cuts =
    [
        (octets, _) => [octets],
        (octets, middle) => [octets[..middle], octets[middle..]],
        (octets, _) => octets.Select(octet => new[] { octet }),
    ];

    [Fact]
    public async Task A_sequence_with_a_lone_CR_or_LF_or_a_NUL_smuggles_nothing()
    {
        await using var world = await StartAsync();
        foreach (var sequence in (string[])
        [
            "\n.\n", "\n.\r\n", "\r\n.\n", "\n.\r", "\r.\r", "\r.\r\n", "\r\n.\r", "\r.\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n",
            "\r\n\0.\r\n", "\r\n.\0\r\n", "\n\n.\n\n", "\r\n.\r\r",
        ])
        {
            foreach (var cut in Cuts)
            {
                await using var client = await BeginAsync(world, "first@relay.example");
                await SendAsync(client, "A" + sequence + Smuggled, 1 + sequence.Length, cut);
                Assert.StartsWith("550 5.5.2", (await client.ReadReplyAsync()).ToString(), StringComparison.Ordinal);
                (await client.CommandAsync("QUIT")).MustBe(221); // nothing else was answered, so nothing else was read as a command
            }
        }

        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task A_line_that_begins_with_a_dot_is_text_here_and_at_the_next_hop()
    {
        await using var world = await StartAsync();
        foreach (var (sequence, onward) in new[]
        {
            ("\r\n..\r\n", "\r\n..\r\n"), ("\r\n. \r\n", "\r\n \r\n"), ("\r\n.\t\r\n", "\r\n\t\r\n"), ("\r\n...\r\n", "\r\n...\r\n"), ("\r\n.x\r\n", "\r\nx\r\n"),
        })
        {
            foreach (var cut in Cuts)
            {
                await using var client = await BeginAsync(world, "first@relay.example");
                await SendAsync(client, "A" + sequence + Smuggled, 1 + sequence.Length, cut);
                (await client.ReadReplyAsync()).MustBe(250);
                (await client.CommandAsync("QUIT")).MustBe(221);
                var mail = await world.Ours.NextAsync();
                Assert.Equal(["<first@relay.example>"], mail.Recipients);
                Assert.EndsWith("A" + onward + Smuggled, Encoding.Latin1.GetString(mail.Data!), StringComparison.Ordinal);
                Assert.Empty(mail.Faults);
            }
        }

        Assert.Empty(await world.OnlyOursAsync());
    }

    [Fact]
    public async Task A_real_end_ends_and_what_follows_it_is_a_conversation_of_its_own()
    {
        await using var world = await StartAsync();
        foreach (var cut in Cuts)
        {
            await using var client = await BeginAsync(world, "first@relay.example");
            await SendAsync(client, "A\r\n.\r\nQUIT\r\n", 4, cut);
            (await client.ReadReplyAsync()).MustBe(250);
            (await client.ReadReplyAsync()).MustBe(221);
            Assert.Equal(["<first@relay.example>"], (await world.Ours.NextAsync()).Recipients);
        }

        // The end is real, and what it ends is refused for the bare CR before it.
        foreach (var cut in Cuts)
        {
            await using var client = await BeginAsync(world, "first@relay.example");
            await SendAsync(client, "A\r\r\n.\r\nQUIT\r\n", 5, cut);
            Assert.StartsWith("550 5.5.2", (await client.ReadReplyAsync()).ToString(), StringComparison.Ordinal);
            (await client.ReadReplyAsync()).MustBe(221);
        }

        foreach (var cut in Cuts)
        {
            await using var client = await BeginAsync(world, "first@relay.example");
            await SendAsync(client, ".\r\n", 1, cut);
            (await client.ReadReplyAsync()).MustBe(250);
            Assert.Equal(["<first@relay.example>"], (await world.Ours.NextAsync()).Recipients);
        }

        Assert.Empty(await world.OnlyOursAsync());
    }

    [Fact]
    public async Task A_chunk_is_counted_and_never_read_as_lines()
    {
        await using var world = await StartAsync();
        await using var client = await world.GreetAsync(Stranger);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<first@relay.example>")).MustBe(250);
        const string first = "Subject: x\r\n\r\n.\r\nQUIT\r\n.\r"; // its CR and the LF of the next one are one line end
        const string second = "\n.\r\n" + Smuggled;
        await client.SendAsync($"BDAT {first.Length}\r\n{first}BDAT {second.Length} LAST\r\n{second}QUIT\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(221);
        var mail = Assert.Single(await world.OnlyOursAsync());
        Assert.Empty(mail.Faults);
        var wire = Encoding.Latin1.GetString(mail.Data!);
        Assert.EndsWith(Encoding.Latin1.GetString(StuffedContent.Of(Encoding.Latin1.GetBytes(first + second))), wire, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunk_whose_length_has_two_readings_ends_the_connection()
    {
        await using var world = await StartAsync();
        foreach (var words in (string[])["99999999999999999999", "-1", "+5", "0x10", "5 LASTX", "5 LAST x", ""])
        {
            await using var client = await world.GreetAsync(Stranger);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
            await client.SendAsync($"BDAT {words}\r\n" + Smuggled);
            Assert.StartsWith("501 5.5.4", (await client.ReadReplyAsync()).ToString(), StringComparison.Ordinal);
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await world.NothingHappenedAsync();
    }

    [Fact]
    public async Task Another_protocol_is_not_spoken_with()
    {
        await using var world = await StartAsync();
        foreach (var words in (string[])
        [
            "GET / HTTP/1.1\r\nHost: relay\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nEHLO x\r\n",
            "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\nEHLO x\r\n",
        ])
        {
            await using var client = await SmtpTestClient.ConnectAsync(world.Node.Smtp, Stranger);
            (await client.ReadReplyAsync()).MustBe(220);
            await client.SendAsync(Encoding.Latin1.GetBytes(words + Smuggled));
            Assert.InRange((await client.ReadReplyAsync()).Code, 421, 559);
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await world.NothingHappenedAsync();
    }

    private static async Task<SmtpTestClient> BeginAsync(ProbeWorld world, string recipient)
    {
        var client = await world.GreetAsync(Stranger);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync($"RCPT TO:<{recipient}>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        return client;
    }

    private static async Task SendAsync(SmtpTestClient client, string text, int middle, Func<byte[], int, IEnumerable<byte[]>> cut)
    {
        foreach (var piece in cut(Encoding.Latin1.GetBytes(text), middle))
        {
            await client.SendAsync(piece);
        }
    }
}
