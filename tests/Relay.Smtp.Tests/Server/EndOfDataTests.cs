using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

/// <summary>What ends a message and what does not: the sequences of SMTP smuggling.</summary>
public sealed class EndOfDataTests
{
    /// <summary>What must not become a message of its own, behind something like an end of data.</summary>
    public const string Smuggled =
        @"MAIL FROM:<smug@internal.example>\r\nRCPT TO:<u@relay.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nX\r\n.\r\n";

    /// <summary>Sequences that are like an end of data, and none.</summary>
    public static TheoryData<string> Unreal { get; } =
    [
        @"\n.\n", @"\n.\r\n", @"\r\n.\n", @"\n.\r", @"\r.\r", @"\r.\r\n", @"\r\n.\r", @"\r.\n", @"\r\n.\r\r\n", @"\r\r\n.\r\r\n", @"\r\n\0.\r\n",
        @"\r\n.\0\r\n", @"\n\n.\n\n", @"\r\n.\r\r",
    ];

    [Theory]
    [InlineData(@"\tfor <evil@victim.example>; Mon, 1 Jan 2001 00:00:00 +0000\r\n")]
    [InlineData(@" \r\n")]
    [InlineData(@" ")]
    public void A_message_that_would_continue_our_trace_field_is_refused(string first) => Run(
        Data + $"""
        R: {first}Subject: x\r\n\r\nb\r\n.\r\n
        =: abandoned
        S: 550 5.6.0 *
        """);

    [Theory]
    [InlineData(@"\r\n folded\r\n")]
    [InlineData(@"Subject: x\r\n folded\r\n")]
    [InlineData(@"no header\r\n and none here\r\n")]
    public void White_space_that_continues_something_of_the_message_is_its_own(string content) => Run(
        Data + $"""
        R: {content}.\r\n
        =: message <a@b.example> to <u@relay.example> {content}
        S: 250 2.0.0 *
        """);

    // None of these ends the data, and the message that the real end makes of it is refused.
    [Theory]
    [MemberData(nameof(Unreal))]
    public void A_sequence_with_a_lone_CR_or_LF_or_a_NUL_ends_nothing_and_the_message_is_refused(string sequence) => Run(
        Data + $"""
        R: A{sequence}{Smuggled}
        =: abandoned
        S: 550 5.5.2 Bare CR, bare LF or NUL in the message
        C: NOOP
        S: 250 2.0.0 Ok
        """);

    // The end is real, but the octet before it is not allowed.
    [Fact]
    public void A_bare_CR_before_a_real_end_refuses_the_message() => Run(
        Data + """
        R: A\r\r\n.\r\n
        =: abandoned
        S: 550 5.5.2 *
        C: QUIT
        S: 221 2.0.0 *
        =: close
        """);

    [Theory]
    [InlineData(@"\r\n..\r\n", @"\r\n.\r\n")]
    [InlineData(@"\r\n. \r\n", @"\r\n \r\n")]
    [InlineData(@"\r\n.\t\r\n", @"\r\n\t\r\n")]
    [InlineData(@"\r\n...\r\n", @"\r\n..\r\n")]
    [InlineData(@"\r\n.x\r\n", @"\r\nx\r\n")]
    [InlineData(@"\r\n .\r\n", @"\r\n .\r\n")]
    [InlineData(@"\r\nx.\r\n", @"\r\nx.\r\n")]
    public void A_dot_that_is_not_alone_on_its_line_is_content_and_loses_one_dot_at_its_start(string sent, string kept) => Run(
        Data + $"""
        R: A{sent}{Smuggled}
        =: message <a@b.example> to <u@relay.example> A{kept}{Smuggled[..^5]}
        S: 250 2.0.0 *
        """);

    [Fact]
    public void Only_CRLF_dot_CRLF_ends_data() => Run(
        Data + """
        C: A
        C: .
        =: message <a@b.example> to <u@relay.example> A\r\n
        S: 250 2.0.0 *
        """);

    [Fact]
    public void A_dot_right_after_354_makes_an_empty_message() => Run(
        Data + """
        C: .
        =: message <a@b.example> to <u@relay.example> *
        S: 250 2.0.0 *
        """);

    [Fact]
    public void A_dot_with_a_lone_LF_right_after_354_ends_nothing() => Run(
        Data + """
        R: .\n
        R: .\r
        R: .\r\n\r\n.\r\n
        =: abandoned
        S: 550 5.5.2 *
        """);

    [Fact]
    public void Commands_behind_the_end_are_honoured_and_the_message_is_kept() => Run(
        Data + """
        C: A
        C: .
        C: RSET
        C: NOOP
        C: QUIT
        =: message <a@b.example> to <u@relay.example> A\r\n
        S: 250 2.0.0 Ok: queued
        S: 250 2.0.0 Ok
        S: 250 2.0.0 Ok
        S: 221 2.0.0 *
        =: close
        """);

    [Fact]
    public void Every_other_octet_passes_as_it_is()
    {
        var octets = string.Concat(Enumerable.Range(1, 255).Where(o => o is not ('\r' or '\n')).Select(o => Escape([(byte)o])));
        Run(Data + $"""
            R: {octets}\r\n.\r\n
            =: message <a@b.example> to <u@relay.example> {octets}\r\n
            S: 250 2.0.0 *
            """);
    }

    [Fact]
    public void The_next_message_is_judged_afresh() => Run(
        Data + """
        R: a\nb\r\n.\r\n
        =: abandoned
        S: 550 5.5.2 *
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        C: DATA
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 354 *
        C: good
        C: .
        =: message <a@b.example> to <u@relay.example> good\r\n
        S: 250 2.0.0 *
        """);
}
