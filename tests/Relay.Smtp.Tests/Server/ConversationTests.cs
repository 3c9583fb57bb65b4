using Relay.Smtp.Replies;
using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class ConversationTests
{
    private const string ToSender = Hello + "C: MAIL FROM:<a@b.example>\nS: 250 2.1.0 *\n";
    private const string ToChunks = Envelope + "R: BDAT 1\\r\\nx\nS: 250 2.0.0 *\n";

    [Fact]
    public void A_connection_is_greeted_with_the_host_name()
    {
        var owner = new ScriptedOwner(new ServerDialogue(Options, Limits));
        owner.Greet();
        Assert.Equal("S: 220 mx.relay.example ESMTP", Assert.Single(owner.Transcript));
    }

    [Fact]
    public void A_message_is_taken_and_the_next_one_needs_no_new_greeting() => Run(
        Data + """
        C: Subject: x
        C:
        C: Hi
        C: .
        =: message <a@b.example> to <u@relay.example> Subject: x\r\n\r\nHi\r\n
        S: 250 2.0.0 Ok: queued
        C: mail from:<>
        C: rcpt to:<u@RELAY.EXAMPLE>
        C: Rcpt To:<Postmaster>
        C: data
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 250 2.1.5 *
        S: 354 *
        C: .
        =: message <> to <u@RELAY.EXAMPLE> <Postmaster> 
        S: 250 2.0.0 Ok: queued
        C: QUIT
        S: 221 2.0.0 *
        =: close
        """);

    [Fact]
    public void HELO_gets_one_line_and_no_extensions() => Run("C: HELO client.example\nS: 250 mx.relay.example\n");

    // The transition table from the outside: what each command gets in each state. Code 0 stands for "no reply yet".
    [Theory]
    [InlineData("EHLO x", 250, 250, 250, 250, 250)]
    [InlineData("HELO x", 250, 250, 250, 250, 250)]
    [InlineData("MAIL FROM:<x@y.example>", 503, 250, 503, 503, 503)]
    [InlineData("RCPT TO:<x@y.example>", 503, 503, 250, 250, 503)]
    [InlineData("DATA", 503, 503, 503, 354, 503)]
    [InlineData("BDAT 0", 503, 503, 503, 250, 250)]
    [InlineData("RSET", 250, 250, 250, 250, 250)]
    [InlineData("NOOP", 250, 250, 250, 250, 250)]
    [InlineData("NOOP any argument", 250, 250, 250, 250, 250)]
    [InlineData("VRFY postmaster", 252, 252, 252, 252, 252)]
    [InlineData("VRFY", 501, 501, 501, 501, 501)]
    [InlineData("HELP", 214, 214, 214, 214, 214)]
    [InlineData("HELP MAIL", 214, 214, 214, 214, 214)]
    [InlineData("QUIT", 221, 221, 221, 221, 221)]
    [InlineData("EXPN list", 502, 502, 502, 502, 502)]
    [InlineData("ETRN relay.example", 502, 502, 502, 502, 502)]
    [InlineData("TURN", 502, 502, 502, 502, 502)]
    [InlineData("AUTH PLAIN AGEAYg==", 502, 502, 502, 502, 502)]
    [InlineData("STARTTLS", 503, 502, 502, 502, 503)]
    [InlineData("XCLIENT ADDR=10.0.0.1 LOGIN=admin", 550, 550, 550, 550, 550)]
    [InlineData("XFORWARD ADDR=10.0.0.1", 550, 550, 550, 550, 550)]
    [InlineData("PROXY TCP4 10.0.0.1 10.0.0.2 1 25", 500, 500, 500, 500, 500)]
    [InlineData("GET / HTTP/1.1", 521, 521, 521, 521, 521)]
    [InlineData("BOGUS", 500, 500, 500, 500, 500)]
    [InlineData("QUIT now", 501, 501, 501, 501, 501)]
    [InlineData("RSET now", 501, 501, 501, 501, 501)]
    [InlineData("DATA now", 503, 503, 503, 501, 503)]
    [InlineData("EHLO", 501, 501, 501, 501, 501)]
    [InlineData("HELO two words", 501, 501, 501, 501, 501)]
    [InlineData("EHLO x(y)", 501, 501, 501, 501, 501)]
    [InlineData("EHLO <x>", 501, 501, 501, 501, 501)]
    [InlineData("EHLO [127.0.0.1]", 250, 250, 250, 250, 250)]
    [InlineData("EHLO my_pc", 250, 250, 250, 250, 250)]
    public void A_command_has_one_verdict_in_each_state(string line, int connected, int greeted, int sender, int recipient, int chunking)
    {
        int[] expected = [connected, greeted, sender, recipient, chunking];
        string[] prefixes = [string.Empty, Hello, ToSender, Envelope, ToChunks];
        for (var state = 0; state < prefixes.Length; state++)
        {
            var owner = Play(prefixes[state]);
            var before = owner.Transcript.Count;
            owner.Feed(Unescape(line + "\\r\\n"));
            Assert.StartsWith($"S: {expected[state]}", owner.Transcript[before], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RSET")]
    [InlineData("EHLO again.example")]
    [InlineData("HELO again.example")]
    public void A_reset_or_greeting_forgets_the_envelope(string line)
    {
        var owner = Play(Envelope);
        owner.Feed(Unescape(line + "\\r\\n"));
        Assert.Null(owner.Dialogue.Sender);
        Assert.Null(owner.Dialogue.Parameters);
        Assert.Empty(owner.Dialogue.Recipients);
        Assert.True(owner.Dialogue.IsBetweenTransactions);
        owner.Feed(Unescape("DATA\\r\\n"));
        Assert.StartsWith("S: 503 5.5.1", owner.Transcript[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_greeting_leaves_the_transaction_as_it_was()
    {
        var owner = Play(Envelope);
        owner.Feed("EHLO (\r\n"u8);
        Assert.Equal("client.example", owner.Dialogue.HeloName);
        Assert.NotNull(owner.Dialogue.Sender);
        owner.Feed("DATA\r\n"u8);
        Assert.StartsWith("S: 354", owner.Transcript[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_says_the_same_of_real_and_of_unknown_users() => Run("""
        C: VRFY postmaster
        S: 252 2.0.0 Not checked; send mail and see
        C: VRFY nobody@victim.example
        S: 252 2.0.0 Not checked; send mail and see
        """);

    [Fact]
    public void Only_good_recipients_of_a_mixed_list_get_the_message() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<refuse@victim.example>
        C: RCPT TO:<u@relay.example>
        C: RCPT TO:<defer@relay.example>
        C: DATA
        S: 250 2.1.0 *
        S: 550 5.7.1 Relaying denied
        S: 250 2.1.5 *
        S: 450 4.7.1 Try later
        S: 354 *
        C: To: n@victim.example
        C: .
        =: message <a@b.example> to <u@relay.example> To: n@victim.example\r\n
        S: 250 2.0.0 *
        """);

    [Fact]
    public void DATA_is_refused_when_no_recipient_was_taken() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<refuse@victim.example>
        C: DATA
        S: 250 2.1.0 *
        S: 550 5.7.1 *
        S: 503 5.5.1 No valid recipients
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.5 *
        """);

    [Fact]
    public void A_refused_sender_opens_no_transaction() => Run(
        Hello + """
        C: MAIL FROM:<refuse@b.example>
        C: RCPT TO:<u@relay.example>
        C: MAIL FROM:<defer@b.example>
        C: MAIL FROM:<a@b.example>
        S: 550 5.7.1 *
        S: 503 5.5.1 *
        S: 450 4.7.1 *
        S: 250 2.1.0 *
        """);

    [Fact]
    public void A_refused_body_ends_the_transaction_and_nothing_is_read_as_content() => Run(
        Hello + """
        C: MAIL FROM:<full@b.example>
        C: RCPT TO:<u@relay.example>
        C: DATA
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 452 4.3.1 *
        C: MAIL FROM:<a@b.example>
        S: 250 2.1.0 *
        """);

    [Fact]
    public void A_refused_message_is_not_kept_and_the_next_may_follow() => Run(
        Hello + """
        C: MAIL FROM:<late@b.example>
        C: RCPT TO:<u@relay.example>
        C: DATA
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 354 *
        C: x
        C: .
        S: 451 4.3.0 *
        C: MAIL FROM:<a@b.example>
        S: 250 2.1.0 *
        """);

    [Fact]
    public void A_421_of_the_owner_ends_the_connection() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<leave@relay.example>
        C: NOOP
        S: 250 2.1.0 *
        S: 421 4.3.2 Shutting down
        =: close
        """);

    [Fact]
    public void An_unanswered_decision_and_a_wrong_answer_are_errors_of_the_owner()
    {
        var dialogue = Play(Hello).Dialogue;
        var input = Segments.Of([.. "MAIL FROM:<a@b.example>\r\n"u8], int.MaxValue);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.Equal(DialogueStep.DecideMail, dialogue.Advance(ref input, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.Advance(ref input, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.AcceptRecipient(output));
        Assert.Throws<ArgumentException>(() => dialogue.RefuseMail(CannedReplies.Ok, output));
        dialogue.AcceptMail(output);
        Assert.Throws<InvalidOperationException>(() => dialogue.AcceptMail(output));
    }

    private static ScriptedOwner Play(string script)
    {
        var owner = new ScriptedOwner(new ServerDialogue(Options, Limits));
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] is 'C' or 'R')
            {
                owner.Feed(Unescape(line[3..] + (line[0] == 'C' ? "\\r\\n" : string.Empty)));
            }
        }

        Assert.False(owner.IsClosed);
        return owner;
    }
}
