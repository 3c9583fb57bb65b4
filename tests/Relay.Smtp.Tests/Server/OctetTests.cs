using System.Text;
using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

/// <summary>Octets that are no command: lone line ends, long lines, other protocols.</summary>
public sealed class OctetTests
{
    [Theory]
    [InlineData(@"NOOP\n")]
    [InlineData(@"NOOP\rNOOP\r\n")]
    [InlineData(@"NOOP\r\rNOOP")]
    [InlineData(@"\nNOOP\r\n")]
    [InlineData(@"\r\rNOOP")]
    [InlineData(@"MAIL FROM:<a@b.example>\nRCPT TO:<u@relay.example>\r\n")]
    [InlineData(@"NOOP\0x\n")]
    public void A_lone_CR_or_LF_in_a_command_ends_the_connection_and_nothing_behind_it_is_read(string octets) => Run(
        Hello + $"""
        R: {octets}
        S: 500 5.5.2 *
        =: close
        """);

    [Theory]
    [InlineData(@"NOOP\0", "500 5.5.2")]
    [InlineData(@"NO\0OP", "500 5.5.2")]
    [InlineData(@"NOOP \xFF", "500 5.5.2")]
    [InlineData(@"MAIL FROM:<\xC3@b.example>", "500 5.5.2")]
    [InlineData("", "500 5.5.2")]
    [InlineData("NOOPS", "500 5.5.2")]
    [InlineData("N\\xC3\\xB6\\xC3\\xB6P", "500 5.5.2")]
    [InlineData(@"NOOP\tx", "500 5.5.2")]
    [InlineData("NOOP   ", "250 2.0.0")]
    [InlineData("nOoP", "250 2.0.0")]
    [InlineData(@"NOOP \xC3\xBC", "250 2.0.0")]
    public void A_strange_line_gets_one_reply_and_the_connection_goes_on(string line, string reply) => Run(
        Hello + $"""
        C: {line}
        C: NOOP
        S: {reply}*
        S: 250 2.0.0 *
        """);

    [Theory]
    [InlineData(@"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03")] // TLS hello
    [InlineData(@"\x80\x2E\x01\x03\x01")] // SSL 2 hello
    [InlineData(@"\0\0\0\x10")]
    [InlineData(@"{}\r\n")]
    [InlineData(@" NOOP\r\n")]
    [InlineData(@".\r\n")]
    [InlineData(@"GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData(@"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nMAIL FROM:<a@b.example>\r\n")]
    [InlineData(@"CONNECT x:25 HTTP/1.1\r\n")]
    [InlineData(@"PRI * HTTP/2.0\r\n\r\nSM\r\n")]
    public void Another_protocol_ends_the_connection_at_once(string octets) => Run($"""
        R: {octets}
        S: 521 5.5.2 *
        =: close
        """);

    [Fact]
    public void A_PROXY_header_is_refused_and_ends_the_connection()
    {
        Run("""
            C: PROXY TCP4 10.0.0.1 10.0.0.2 1 25
            C: EHLO x
            S: 500 5.5.2 *
            =: close
            """);
        Run("""
            R: \r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C
            S: 500 5.5.2 *
            S: 500 5.5.2 *
            S: 521 5.5.2 *
            =: close
            """);
    }

    [Theory]
    [InlineData("NOOP ", 512)]
    [InlineData("BOGUS ", 512)]
    [InlineData("RCPT TO:<u@relay.example> ", 1012)]
    [InlineData("MAIL FROM:<a@b.example> ", 1565)]
    public void A_line_is_read_up_to_its_limit_and_refused_one_octet_over(string start, int max)
    {
        var fits = start + new string('x', max - 2 - start.Length);
        var fitting = Send(Encoding.ASCII.GetBytes(fits + "\r\n"));
        Assert.DoesNotContain("too long", fitting.Transcript[^1], StringComparison.Ordinal);
        Run($"""
            C: {fits}x
            C: NOOP
            S: 500 5.5.2 Line too long
            S: 250 2.0.0 *
            """);
    }

    [Fact]
    public void A_line_that_is_far_too_long_is_skipped_to_its_end()
    {
        Run($"""
            C: NOOP {new string('x', 5000)}
            C: NOOP
            S: 500 5.5.2 Line too long
            S: 250 2.0.0 *
            """);
        Run($"""
            R: NOOP {new string('x', 5000)}\nNOOP\r\n
            S: 500 5.5.2 Lines end*
            =: close
            """);
    }

    [Fact]
    public void A_line_that_never_ends_ends_the_connection_and_keeps_nothing_in_memory()
    {
        var owner = Send(Unescape("EHLO x\\r\\n"));
        var block = new byte[1024];
        block.AsSpan().Fill((byte)'a');
        var fed = 0;
        while (!owner.IsClosed && fed < 200 * 1024)
        {
            owner.Feed(block);
            fed += block.Length;
            Assert.InRange(owner.UnreadOctets, 0, 4096);
        }

        Assert.InRange(fed, 64 * 1024, 66 * 1024);
        Assert.Equal(["S: 500 5.5.2 Line too long", "=: close"], owner.Transcript.TakeLast(2));
        var whole = Send([.. Enumerable.Repeat((byte)'a', 70 * 1024), .. "\r\nNOOP\r\n"u8]);
        Assert.Equal(["S: 500 5.5.2 Line too long", "=: close"], whole.Transcript);
    }

    [Theory]
    [InlineData(@"Subject: x\r\n\r\n\xC3\xBC\r\n", false)]
    [InlineData(@"Subject: \xC3\xBC\r\n\r\nx\r\n", true)]
    [InlineData(@"Subject: x\r\n\xC3\xBC is no field, so the body begins\r\n", false)]
    [InlineData(@"Subject: x\r\n folded \xC3\xBC\r\n\r\n", true)]
    [InlineData(@"Subject: x\r\n\r\nx\r\n", false)]
    public void Octets_over_127_are_told_apart_in_header_and_body(string content, bool isInHeader)
    {
        for (var segment = 1; segment < 12; segment++)
        {
            var owner = new ScriptedOwner(new ServerDialogue(new ServerDialogueOptions { HostName = "mx.test" }, new MessageLimits(1000, 10, 10)));
            owner.Greet();
            foreach (var mail in new[] { @"Subject: \xC3\xBC\r\n\r\n", content })
            {
                owner.Feed("EHLO x\r\n"u8);
                owner.Feed(Unescape(@"MAIL FROM:<a@b.example>\r\nRCPT TO:<u@b.example>\r\nDATA\r\n"));
                owner.Feed(Unescape(mail + @".\r\n"), segment);
            }

            Assert.True(owner.MessagesAccepted == 2, string.Join('\n', owner.Transcript));
            Assert.Equal(isInHeader, owner.HeaderHad8Bit);
        }
    }
}
