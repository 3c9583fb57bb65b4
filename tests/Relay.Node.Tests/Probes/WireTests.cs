using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using CsCheck;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Probes;

/// <summary>Every octet that leaves, as a socket sees it, for bodies made to break framing.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "Properties that hold for generated input.")]
public sealed class WireTests
{
    private const int Bodies = 60;

    // Nothing here has a bare CR or LF alone, but pieces meet in every way: dots at line starts, empty lines, ends of blocks.
    private static readonly Gen<string> Body = Gen.OneOf(
            ".", "..", ".\r\n", "\r\n", "\r\n.", "\r\n.\r\n", "..\r\n", " .\r\n", ".\r\n.\r\n", "x", "text", "\t", "\u00e4", "\u00ff", "QUIT\r\n", "MAIL FROM:<a@b.example>\r\n",
            new string('y', 990) + "\r\n", "." + new string('z', 997) + "\r\n", string.Concat(Enumerable.Repeat("\r\n.", 300)), string.Concat(Enumerable.Repeat("..\r\n", 1000)))
        .List[0, 60].Select(pieces => Fit(string.Concat(pieces)));

    private static readonly Gen<(string Body, int[] Cuts)> Mail = Gen.Select(Body, Gen.Int[0, 1_000_000].Array[0, 4]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_leaves_has_whole_line_ends_stuffed_dots_and_one_end(bool chunking)
    {
        await using var hop = RecordingServer.Start(new IPEndPoint(IPAddress.Loopback, 0), chunking ? ["8BITMIME", "CHUNKING"] : ["8BITMIME"]);
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(hop.EndPoint));
        await Mail.SampleAsync(mail => SendAsync(node, hop, mail.Body, mail.Cuts, chunking), iter: Bodies, threads: 1);
    }

    private static async Task SendAsync(RunningNode node, RecordingServer hop, string body, int[] cuts, bool chunking)
    {
        var content = Encoding.Latin1.GetBytes("Subject: x\r\n\r\n" + body);
        await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            (await client.CommandAsync("MAIL FROM:<a@b.example> BODY=8BITMIME")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
            await SendContentAsync(client, content, cuts);
        }

        var mail = await hop.NextAsync();
        Assert.Empty(mail.Faults);
        var left = chunking ? [.. mail.Chunks.SelectMany(chunk => chunk)] : Unstuff(mail.Data!);
        Assert.Equal(chunking, mail.Data is null);
        Assert.Equal(Latin1(content), Latin1(left)[^content.Length..]);
        Assert.StartsWith("Received: from ", Latin1(left), StringComparison.Ordinal);
        MustHaveWholeLineEnds(mail.Data ?? left);
    }

    // One chunk after another where there are cuts, else DATA.
    private static async Task SendContentAsync(SmtpTestClient client, byte[] content, int[] cuts)
    {
        if (cuts.Length == 0)
        {
            (await client.CommandAsync("DATA")).MustBe(354);
            await client.SendAsync(StuffedContent.Of(content));
            (await client.ReadReplyAsync()).MustBe(250);
            return;
        }

        int[] ends = [.. cuts.Select(cut => cut % (content.Length + 1)).Order(), content.Length];
        var at = 0;
        foreach (var (i, end) in ends.Index())
        {
            await client.SendAsync($"BDAT {end - at}{(i == ends.Length - 1 ? " LAST" : "")}\r\n");
            await client.SendAsync(content.AsMemory(at..end));
            (await client.ReadReplyAsync()).MustBe(250);
            at = end;
        }
    }

    private static byte[] Unstuff(byte[] wire)
    {
        Assert.EndsWith("\r\n.\r\n", "\r\n" + Latin1(wire), StringComparison.Ordinal);
        var lines = Latin1(wire)[..^3].Split("\r\n");
        foreach (var line in lines)
        {
            Assert.False(line == "." || (line.Length > 1 && line[0] == '.' && line[1] != '.'), $"A line begins with one dot: {line}");
        }

        return Encoding.Latin1.GetBytes(string.Join("\r\n", lines.Select(line => line.StartsWith('.') ? line[1..] : line)));
    }

    private static void MustHaveWholeLineEnds(byte[] octets)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            Assert.False(octets[i] == '\r' && (i + 1 == octets.Length || octets[i + 1] != '\n'), $"A bare CR at {i}");
            Assert.False(octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r'), $"A bare LF at {i}");
        }
    }

    // Lines of at most 998 octets, and an end of a line at the end.
    private static string Fit(string text) =>
        string.Join("\r\n", text.Split("\r\n").Select(line => line.Length > 998 ? line[..998] : line)) + (text.EndsWith("\r\n", StringComparison.Ordinal) ? "" : "\r\n");

    private static string Latin1(byte[] octets) => Encoding.Latin1.GetString(octets);
}
