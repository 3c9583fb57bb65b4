using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class BdatTests
{
    [Fact]
    public void Dots_in_a_chunk_are_content() => Run(
        Envelope + """
        R: BDAT 12 LAST\r\na\r\n.\r\n..b\r\n.
        =: message <a@b.example> to <u@relay.example> a\r\n.\r\n..b\r\n.
        S: 250 2.0.0 Ok: queued
        """);

    [Fact]
    public void A_line_end_may_be_cut_by_a_chunk_border() => Run(
        Envelope + """
        R: BDAT 2\r\na\r
        S: 250 2.0.0 *
        R: BDAT 2\r\n\nb
        S: 250 2.0.0 *
        R: BDAT 2 LAST\r\n\r\n
        =: message <a@b.example> to <u@relay.example> a\r\nb\r\n
        S: 250 2.0.0 Ok: queued
        """);

    [Fact]
    public void An_empty_chunk_is_taken_and_an_empty_last_one_ends() => Run(
        Envelope + """
        C: BDAT 0
        R: BDAT 3\r\na\r\n
        C: BDAT 0 LAST
        C: NOOP
        S: 250 2.0.0 Chunk received
        S: 250 2.0.0 Chunk received
        =: message <a@b.example> to <u@relay.example> a\r\n
        S: 250 2.0.0 Ok: queued
        S: 250 2.0.0 Ok
        """);

    [Fact]
    public void An_empty_last_chunk_alone_makes_an_empty_message() => Run(
        Envelope + """
        C: bdat 0 last
        =: message <a@b.example> to <u@relay.example> *
        S: 250 2.0.0 Ok: queued
        """);

    [Fact]
    public void DATA_after_BDAT_and_BDAT_after_LAST_are_out_of_sequence() => Run(
        Envelope + """
        R: BDAT 1\r\na
        C: DATA
        S: 250 2.0.0 *
        S: 503 5.5.1 *
        R: BDAT 1 LAST\r\nbBDAT 4 LAST\r\nQUITNOOP\r\n
        =: message <a@b.example> to <u@relay.example> ab
        S: 250 2.0.0 *
        S: 503 5.5.1 *
        S: 250 2.0.0 Ok
        """);

    [Fact]
    public void Tiny_chunks_win_no_time_for_ever()
    {
        var options = new ServerDialogueOptions { HostName = "mx.relay.example", JunkCommandsMax = 10 };
        var tiny = string.Concat(Enumerable.Repeat("R: BDAT 1\\r\\na\nS: 250 2.0.0 Chunk received\n", 9)); // EHLO was the first
        Run(Envelope + tiny + "R: BDAT 1 LAST\\r\\na\n=: message <a@b.example> to <u@relay.example> *\nS: 250 2.0.0 Ok: queued\n", options);
        Run(Envelope + tiny + "R: BDAT 1\\r\\na\nS: 421 4.7.0 *\n=: abandoned\n=: close\n", options);
    }

    [Fact]
    public void RSET_discards_the_chunks() => Run(
        Envelope + """
        R: BDAT 1\r\na
        C: RSET
        C: NOOP
        S: 250 2.0.0 *
        S: 250 2.0.0 Ok
        =: abandoned
        S: 250 2.0.0 Ok
        """);

    [Fact]
    public void QUIT_and_EHLO_discard_the_chunks() => Run(
        Envelope + """
        R: BDAT 1\r\na
        S: 250 2.0.0 *
        C: HELO again
        S: 250 *
        =: abandoned
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        R: BDAT 1\r\na
        C: QUIT
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 250 2.0.0 *
        S: 221 2.0.0 *
        =: abandoned
        =: close
        """);

    [Theory]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("-1")]
    [InlineData("+5")]
    [InlineData("0x10")]
    [InlineData("5 LASTX")]
    [InlineData("5 LAST x")]
    [InlineData("5 x")]
    [InlineData("LAST")]
    [InlineData("5\\tLAST")]
    [InlineData("5,0")]
    public void A_malformed_size_ends_the_connection_because_the_framing_is_lost(string argument) => Run(
        Envelope + $"""
        C: BDAT {argument}
        C: MAIL FROM:<smug@internal.example>
        S: 501 5.5.4 *
        =: close
        """);

    [Theory]
    [InlineData("BDAT 5\\0")]
    [InlineData("bdat 5 LAST\\xFF")]
    [InlineData("BDAT\\0")]
    public void A_line_with_bad_octets_ends_the_connection_when_it_announces_a_chunk(string line) => Run(
        Envelope + $"""
        C: {line}
        C: MAIL FROM:<smug@internal.example>
        S: 500 5.5.2 *
        =: close
        """);

    [Theory]
    [InlineData(600)]
    [InlineData(3000)]
    public void A_line_that_is_too_long_ends_the_connection_when_it_announces_a_chunk(int zeros) => Run(
        Envelope + $"""
        C: BDAT {new string('0', zeros)}5
        C: MAIL FROM:<smug@internal.example>
        S: 500 5.5.2 Line too long
        =: close
        """);

    [Fact]
    public void A_chunk_out_of_sequence_is_consumed_and_never_read_as_commands() => Run(
        Hello + """
        R: BDAT 6\r\nQUIT\r\nNOOP\r\n
        S: 503 5.5.1 *
        S: 250 2.0.0 *
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<refuse@victim.example>
        R: BDAT 6 LAST\r\nQUIT\r\nRSET\r\n
        S: 250 2.1.0 *
        S: 550 5.7.1 *
        S: 503 5.5.1 No valid recipients
        S: 250 2.0.0 *
        """);

    [Fact]
    public void A_refused_first_chunk_is_consumed_and_ends_the_transaction() => Run(
        Hello + """
        C: MAIL FROM:<full@b.example>
        C: RCPT TO:<u@relay.example>
        R: BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 452 4.3.1 *
        S: 503 5.5.1 *
        S: 250 2.0.0 Ok
        """);

    [Theory]
    [InlineData(@"a\nb")]
    [InlineData(@"a\rb")]
    [InlineData(@"a\0b")]
    public void A_bare_CR_or_LF_or_NUL_refuses_the_chunk_and_drops_the_message(string content) => Run(
        Envelope + $"""
        R: BDAT 3\r\n{content}
        =: abandoned
        S: 550 5.5.2 *
        R: BDAT 3 LAST\r\nxyz
        S: 503 5.5.1 *
        C: NOOP
        S: 250 2.0.0 *
        """);

    [Fact]
    public void A_CR_at_the_very_end_is_bare()
    {
        var owner = Send(Unescape(@"EHLO x\r\n"));
        owner.Feed(Unescape(@"MAIL FROM:<a@b.example>\r\nRCPT TO:<u@relay.example>\r\nBDAT 2 LAST\r\na\rNOOP\r\n"));
        Assert.Equal(
            ["S: 550 5.5.2 Bare CR, bare LF or NUL in the message", "=: abandoned", "S: 250 2.0.0 Ok"],
            owner.Transcript.TakeLast(3));
        Assert.Equal(0, owner.MessagesAccepted);
    }

    [Fact]
    public void A_chunk_over_the_size_limit_is_consumed_and_refused() => Run(
        Envelope + """
        R: BDAT 6\r\n123456
        S: 250 2.0.0 *
        R: BDAT 5\r\nQUIT\nNOOP\r\n
        S: 552 5.3.4 *
        =: abandoned
        S: 250 2.0.0 *
        """,
        limits: Limits with { SizeMax = 10 });

    [Fact]
    public void Chunks_are_taken_up_to_the_size_limit_exactly() => Run(
        Envelope + """
        R: BDAT 6\r\n123456
        S: 250 2.0.0 *
        R: BDAT 4 LAST\r\n7890
        =: message <a@b.example> to <u@relay.example> 1234567890
        S: 250 2.0.0 *
        """,
        limits: Limits with { SizeMax = 10 });

    [Fact]
    public void A_chunk_far_over_the_size_limit_ends_the_connection_at_once() => Run(
        Envelope + $"""
        C: BDAT {(2 * 10) + (1024 * 1024) + 1}
        S: 552 5.3.4 *
        =: close
        """,
        limits: Limits with { SizeMax = 10 });

    [Fact]
    public void A_whole_transaction_may_come_at_once() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        R: BDAT 2\r\na\rBDAT 2 LAST\r\n\nbQUIT\r\n
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 250 2.0.0 Chunk received
        =: message <a@b.example> to <u@relay.example> a\r\nb
        S: 250 2.0.0 Ok: queued
        S: 221 2.0.0 *
        =: close
        """);
}
