using System.Text;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

/// <summary>Every limit at N and at N + 1.</summary>
public sealed class LimitTests
{
    [Fact]
    public void A_content_line_may_have_998_octets_and_a_stuffed_dot_is_not_counted()
    {
        var line = new string('x', 997);
        Run(Data + $"""
            C: ..{line}
            C: y{line}
            C: .
            =: message <a@b.example> to <u@relay.example> .{line}\r\ny{line}\r\n
            S: 250 2.0.0 *
            """);
        Run(Data + $"""
            C: yy{line}
            C: .
            =: abandoned
            S: 550 5.6.0 *
            """);
    }

    [Fact]
    public void The_last_line_of_a_chunk_has_the_same_limit_without_CRLF()
    {
        var line = new string('x', 998);
        Run(Envelope + $"""
            R: BDAT 998 LAST\r\n{line}
            =: message <a@b.example> to <u@relay.example> {line}
            S: 250 2.0.0 *
            """);
        Run(Envelope + $"""
            R: BDAT 999 LAST\r\n{line}x
            =: abandoned
            S: 550 5.6.0 *
            """);
    }

    [Fact]
    public void A_body_may_have_the_size_limit_exactly_and_dots_that_were_stuffed_do_not_count()
    {
        var limits = Limits with { SizeMax = 10 };
        Run(Data + """
            C: ..345678
            C: .
            =: message <a@b.example> to <u@relay.example> .345678\r\n
            S: 250 2.0.0 *
            """, limits: limits);
        Run(Data + """
            C: 12345678
            C: .
            =: message <a@b.example> to <u@relay.example> 12345678\r\n
            S: 250 2.0.0 *
            """, limits: limits);
        Run(Data + """
            C: 123456789
            C: .
            =: abandoned
            S: 552 5.3.4 *
            C: NOOP
            S: 250 2.0.0 *
            """, limits: limits);
    }

    [Fact]
    public void The_size_limit_in_force_is_advertised()
    {
        var owner = Send(Unescape("EHLO x\\r\\n"), limits: Limits with { SizeMax = 36_700_160 });
        Assert.Contains("S: 250-SIZE 36700160", owner.Transcript);
        owner.Dialogue.Limits = Limits with { SizeMax = 10 };
        owner.Feed("EHLO x\r\nMAIL FROM:<a@b.example> SIZE=11\r\n"u8);
        Assert.Contains("S: 250-SIZE 10", owner.Transcript);
        Assert.StartsWith("S: 552 5.3.4", owner.Transcript[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_far_over_the_size_limit_ends_the_connection()
    {
        var limits = Limits with { SizeMax = 1000 };
        var owner = Send(Unescape("EHLO x\\r\\n"), limits: limits);
        owner.Feed(Unescape("MAIL FROM:<a@b.example>\\r\\nRCPT TO:<u@relay.example>\\r\\nDATA\\r\\n"));
        var line = Encoding.ASCII.GetBytes(new string('x', 98) + "\r\n");
        var fed = 0;
        while (!owner.IsClosed && fed < 3_000_000)
        {
            owner.Feed(line);
            fed += line.Length;
        }

        Assert.InRange(fed, 2000 + (1024 * 1024), 2000 + (1024 * 1024) + 200);
        Assert.Equal(["=: abandoned", "S: 552 5.3.4 Message exceeds the size limit", "=: close"], owner.Transcript.TakeLast(3));
        Assert.InRange(owner.OctetsAppended, 0, 1000);
    }

    [Fact]
    public void Header_octets_are_limited()
    {
        var options = Options with { HeaderBytesMax = 20 };
        Run(Data + """
            C: A: 345678
            C: B: 4567
            C:
            C: a long body without any limit of its own
            C: .
            =: message <a@b.example> to <u@relay.example> *
            S: 250 2.0.0 *
            """, options);
        Run(Data + """
            C: A: 345678
            C:  : 34567
            C:
            C: .
            =: abandoned
            S: 552 5.3.4 Header section*
            """, options);
    }

    [Fact]
    public void Header_fields_are_limited()
    {
        var options = Options with { HeaderFieldsMax = 2 };
        Run(Data + """
            C: A: 1
            C: B: 2
            C:  folded: here
            C:
            C: C: in the body
            C: .
            =: message <a@b.example> to <u@relay.example> *
            S: 250 2.0.0 *
            """, options);
        Run(Data + """
            C: A: 1
            C: B: 2
            C: C: 3
            C:
            C: .
            =: abandoned
            S: 554 5.6.0 *
            """, options);
    }

    [Fact]
    public void Hops_are_limited()
    {
        var hops = string.Concat(Enumerable.Repeat("RECEIVED: x\\r\\n \\r\\n", 99));
        Run(Data + $"""
            R: {hops}\r\nReceived: in the body\r\n.\r\n
            =: message <a@b.example> to <u@relay.example> *
            S: 250 2.0.0 *
            """);
        Run(Data + $"""
            R: {hops}Received : y\r\n\r\n.\r\n
            =: abandoned
            S: 554 5.4.6 *
            """);
    }

    [Fact]
    public void The_gravest_fault_decides_however_the_octets_are_split()
    {
        var line = new string('x', 999);
        Run(Data + $"""
            R: A: {line}\r\nB: 1\r\nC: 2\r\nD: 3\r\n\r\n.\r\n
            =: abandoned
            S: 554 5.6.0 *
            """,
            Options with { HeaderFieldsMax = 2 });
        Run(Data + $"""
            R: {line}\r\nx\n.\r\n\r\n.\r\n
            =: abandoned
            S: 550 5.5.2 *
            """);
    }

    [Fact]
    public void Recipients_beyond_the_limit_are_deferred_and_those_accepted_are_kept()
    {
        var script = new StringBuilder(Hello).Append("C: MAIL FROM:<a@b.example>\nS: 250 2.1.0 *\n");
        for (var i = 0; i < 40; i++)
        {
            script.Append("C: RCPT TO:<u@relay.example>\n").Append(i < 3 ? "S: 250 2.1.5 *\n" : "S: 452 4.5.3 *\n");
        }

        script.Append("C: DATA\nS: 354 *\nC: .\n");
        script.Append("=: message <a@b.example> to <u@relay.example> <u@relay.example> <u@relay.example> *\nS: 250 *\n");
        Run(script.ToString(), limits: Limits with { RecipientsMax = 3 });
    }

    [Fact]
    public void Recipients_far_beyond_the_limit_end_the_connection()
    {
        var owner = Send(Unescape("EHLO x\\r\\n"), limits: Limits with { RecipientsMax = 1 });
        owner.Feed("MAIL FROM:<a@b.example>\r\n"u8);
        var sent = 0;
        while (!owner.IsClosed && sent < 5000)
        {
            owner.Feed("RCPT TO:<u@relay.example>\r\n"u8);
            sent++;
        }

        Assert.Equal(1 + ServerDialogue.DeferredRecipientsMax + Options.ErrorsMax + 1, sent);
        Assert.Equal(["S: 421 4.7.0 Too many errors", "=: close"], owner.Transcript.TakeLast(2));
    }

    [Theory]
    [InlineData("BOGUS", "S: 500 5.5.2 *")]
    [InlineData("RCPT TO:<refuse@victim.example>", "S: 550 5.7.1 *")]
    public void Errors_are_borne_up_to_their_limit(string line, string reply)
    {
        var options = Options with { ErrorsMax = 3 };
        var start = Hello + "C: MAIL FROM:<a@b.example>\nS: 250 2.1.0 *\n";
        var errors = string.Concat(Enumerable.Repeat($"C: {line}\n{reply}\n", 3));
        Run(start + errors + "C: NOOP\nS: 250 2.0.0 *\n", options);
        Run(start + errors + $"C: {line}\nC: NOOP\nS: 421 4.7.0 Too many errors\n=: close\n", options);
    }

    [Fact]
    public void Temporary_refusals_of_recipients_are_no_errors() => Run(
        Hello + "C: MAIL FROM:<a@b.example>\nS: 250 2.1.0 *\n"
        + string.Concat(Enumerable.Repeat("C: RCPT TO:<defer@relay.example>\nS: 450 4.7.1 *\n", 10))
        + "C: NOOP\nS: 250 2.0.0 *\n",
        Options with { ErrorsMax = 3 });

    [Theory]
    [InlineData("NOOP", "S: 250 2.0.0 *", "Too many commands without mail")]
    [InlineData("RSET", "S: 250 2.0.0 *", "Too many commands without mail")]
    [InlineData("VRFY u", "S: 252 2.0.0 *", "Too many commands without mail")]
    [InlineData("HELP", "S: 214 2.0.0 *", "Too many commands without mail")]
    [InlineData("HELO x", "S: 250 *", "Too many commands without mail")]
    [InlineData("MAIL FROM:<defer@b.example>", "S: 450 4.7.1 *", "Too many mails that are refused for now, try again later")]
    public void Commands_without_mail_are_borne_up_to_their_limit(string line, string reply, string end)
    {
        var options = Options with { JunkCommandsMax = 4 };
        var junk = Hello + string.Concat(Enumerable.Repeat($"C: {line}\n{reply}\n", 3)); // EHLO is the first of the four
        Run(junk + "C: BOGUS\nS: 500 5.5.2 *\n", options);
        Run(junk + $"C: {line}\nS: 421 4.7.0 {end}\n=: close\n", options);
    }

    [Theory]
    [InlineData(1, 4, "Too many commands without mail")]
    [InlineData(2, 3, "Too many mails that are refused for now, try again later")]
    public void What_they_were_for_the_most_part_is_what_they_end_for(int deferred, int idle, string end) => Run(
        Hello + string.Concat(Enumerable.Repeat("C: MAIL FROM:<defer@b.example>\nS: 450 4.7.1 *\n", deferred))
        + string.Concat(Enumerable.Repeat("C: NOOP\nS: 250 2.0.0 *\n", idle)) + $"C: NOOP\nS: 421 4.7.0 {end}\n=: close\n",
        Options with { JunkCommandsMax = 6 });

    // Who pipelines has sent its recipients and DATA before it can know: that would make it an offender for our own lack of room.
    [Theory]
    [InlineData("C: RCPT TO:<u@relay.example>\nS: 503 5.5.1 *\nC: DATA\nS: 503 5.5.1 *\n")]
    [InlineData("C: RCPT TO:<u@relay.example>\nS: 503 5.5.1 *\nR: BDAT 3 LAST\\r\\nx\\r\\n\nS: 503 5.5.1 *\n")]
    public void What_was_sent_along_with_a_MAIL_that_is_to_come_again_is_no_error_and_is_borne_as_commands_without_mail_are(string followers)
    {
        const int rounds = 4;
        var observer = new CountingObserver();
        var options = Options with { ErrorsMax = 2, JunkCommandsMax = 1 + (3 * rounds) }; // EHLO is the first
        var rest = string.Concat(Enumerable.Repeat("C: MAIL FROM:<defer@b.example>\nS: 450 4.7.1 *\n" + followers, rounds));
        Run(Hello + rest + "C: MAIL FROM:<refuse@b.example>\nS: 550 5.7.1 *\nC: DATA\nS: 503 5.5.1 *\nC: DATA\nS: 421 4.7.0 Too many errors\n=: close\n", options);
        Run(Hello + rest + "C: NOOP\nS: 421 4.7.0 Too many mails that are refused for now, try again later\n=: close\n", options);

        var owner = new ScriptedOwner(new ServerDialogue(options, Limits));
        owner.Dialogue.Observer = observer;
        owner.Greet();
        owner.Feed("EHLO client.example\r\n"u8);
        owner.Feed("MAIL FROM:<defer@b.example>\r\nRCPT TO:<u@relay.example>\r\nDATA\r\n"u8);
        Assert.Equal([450], observer.Codes);
        Assert.Equal(0, owner.Dialogue.ErrorCount);
    }

    [Fact]
    public void An_accepted_message_wipes_the_slate()
    {
        var options = Options with { ErrorsMax = 1, JunkCommandsMax = 2 };
        const string Mail = """
            C: NOOP
            C: BOGUS
            C: MAIL FROM:<a@b.example>
            C: RCPT TO:<u@relay.example>
            C: DATA
            S: 250 2.0.0 *
            S: 500 5.5.2 *
            S: 250 2.1.0 *
            S: 250 2.1.5 *
            S: 354 *
            C: .
            =: message <a@b.example> to <u@relay.example> *
            S: 250 2.0.0 *

            """;
        Run(Hello + Mail + Mail + Mail, options);
    }

    [Theory]
    [InlineData(511)]
    [InlineData(1025)]
    public void A_command_line_limit_out_of_range_is_an_error_of_the_owner(int max) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Options with { CommandLineMax = max });

    private sealed class CountingObserver : IRefusalObserver
    {
        public List<int> Codes { get; } = [];

        public void Refused(RefusalPlace place, SmtpReply reply) => Codes.Add(reply.Code);
    }
}
