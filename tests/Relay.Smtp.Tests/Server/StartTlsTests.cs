using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class StartTlsTests
{
    private static readonly ServerDialogueOptions Offered = Options with { OfferStartTls = true };
    private static readonly ServerDialogueOptions Required = Offered with { RequireTls = true };

    [Fact]
    public void TLS_forgets_greeting_and_envelope_and_is_not_offered_again() => Run(
        HelloBeforeTls + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        C: STARTTLS
        S: 220 2.0.0 *
        =: tls
        C: RCPT TO:<u@relay.example>
        C: MAIL FROM:<a@b.example>
        S: 503 5.5.1 Send EHLO first
        S: 503 5.5.1 Send EHLO first
        """ + "\n" + Hello + """
        C: STARTTLS
        S: 503 5.5.1 TLS is already on
        """,
        Offered);

    [Theory]
    [InlineData("EHLO x")]
    [InlineData("RSET")]
    [InlineData("MAIL FROM:<evil@example.org>")]
    public void Plaintext_behind_STARTTLS_ends_the_connection(string injected) => RunWhole(
        HelloBeforeTls + $"""
        C: STARTTLS
        C: {injected}
        S: 554 5.5.0 *
        =: close
        """,
        Offered);

    [Fact]
    public void STARTTLS_takes_no_argument() => Run(HelloBeforeTls + "C: STARTTLS x\nS: 501 5.5.4 *\n", Offered);

    [Fact]
    public void STARTTLS_waits_for_EHLO() => Run("C: STARTTLS\nS: 503 5.5.1 *\n", Offered);

    [Fact]
    public void STARTTLS_with_an_argument_keeps_the_transaction() => Run(
        HelloBeforeTls + """
        C: MAIL FROM:<a@b.example>
        S: 250 2.1.0 *
        C: STARTTLS now
        S: 501 5.5.4 *
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.5 *
        """,
        Offered);

    [Fact]
    public void STARTTLS_is_refused_in_the_middle_of_a_message() => Run(
        HelloBeforeTls + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        R: BDAT 2\r\nhi
        S: 250 2.0.0 *
        C: STARTTLS
        S: 503 5.5.1 *
        """,
        Offered);

    [Theory]
    [InlineData("MAIL FROM:<a@b.example>")]
    [InlineData("RCPT TO:<u@relay.example>")]
    [InlineData("DATA")]
    [InlineData("BDAT 0 LAST")]
    [InlineData("AUTH PLAIN AGEAYg==")]
    [InlineData("VRFY u")]
    public void A_listener_that_demands_TLS_takes_nothing_of_a_mail_before_it(string command) => Run(
        $"""
        C: {command}
        S: 530 5.7.0 Must issue a STARTTLS command first

        """ + HelloBeforeTls + $"""
        C: {command}
        S: 530 5.7.0 Must issue a STARTTLS command first
        """,
        Required);

    [Fact]
    public void What_carries_no_mail_is_answered_before_a_demanded_TLS() => Run(
        """
        C: HELO client.example
        S: 250 *
        C: NOOP
        S: 250 2.0.0 *
        C: RSET
        S: 250 2.0.0 *
        C: HELP
        S: 214 *
        C: NONSENSE
        S: 500 5.5.2 *
        C: QUIT
        S: 221 2.0.0 *
        =: close
        """,
        Required);

    [Fact]
    public void The_octets_of_a_chunk_before_a_demanded_TLS_are_no_commands() => Run(
        HelloBeforeTls + """
        R: BDAT 6 LAST\r\nQUIT\r\n
        S: 530 5.7.0 *
        C: NOOP
        S: 250 2.0.0 *
        """,
        Required);

    [Fact]
    public void Mail_is_taken_under_a_demanded_TLS() => Run(
        HelloBeforeTls + """
        C: STARTTLS
        S: 220 2.0.0 *
        =: tls

        """ + Hello + """
        C: MAIL FROM:<a@b.example>
        S: 250 2.1.0 *
        """,
        Required);

    [Fact]
    public void A_busy_relay_refuses_STARTTLS_and_the_conversation_goes_on_as_it_was()
    {
        var owner = new ScriptedOwner(new ServerDialogue(Offered, Limits)) { IsBusy = true };
        owner.Feed("EHLO x\r\n"u8);
        owner.Feed("MAIL FROM:<a@b.example>\r\n"u8);
        owner.Feed("STARTTLS\r\n"u8);
        owner.Feed("RCPT TO:<u@relay.example>\r\n"u8);
        Assert.Equal(
            ["S: 250 2.1.0 Sender ok", "S: 454 4.7.0 TLS not available at the moment", "S: 250 2.1.5 Recipient ok"], owner.Transcript.TakeLast(3));
        Assert.False(owner.Dialogue.IsTls);
    }

    [Fact]
    public void A_connection_that_begins_with_TLS_is_not_offered_it()
    {
        var dialogue = new ServerDialogue(Offered, Limits);
        dialogue.TlsStarted(new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384"));
        var owner = new ScriptedOwner(dialogue);
        owner.Greet();
        owner.Feed("EHLO x\r\n"u8);
        owner.Feed("STARTTLS\r\n"u8);
        Assert.DoesNotContain(owner.Transcript, line => line.Contains("STARTTLS", StringComparison.Ordinal));
        Assert.Equal("S: 503 5.5.1 TLS is already on", owner.Transcript[^1]);
    }

    [Fact]
    public void TLS_begins_at_the_greeting_or_at_STARTTLS_and_nowhere_else()
    {
        var dialogue = new ServerDialogue(Offered, Limits);
        dialogue.WriteGreeting(new System.Buffers.ArrayBufferWriter<byte>());
        Assert.Throws<InvalidOperationException>(() => dialogue.TlsStarted(new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384")));
        Assert.False(dialogue.IsTls);
    }

    [Fact]
    public void The_dialogue_waits_for_the_handshake()
    {
        var dialogue = new ServerDialogue(Offered, Limits);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        dialogue.WriteGreeting(output);
        var input = Segments.Of([.. "EHLO x\r\n"u8], int.MaxValue);
        Assert.Equal(DialogueStep.NeedInput, dialogue.Advance(ref input, output));
        input = Segments.Of([.. "STARTTLS\r\n"u8], int.MaxValue);
        Assert.Equal(DialogueStep.StartTls, dialogue.Advance(ref input, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.Advance(ref input, output));
        dialogue.AcceptTls(output);
        Assert.Throws<InvalidOperationException>(() => dialogue.Advance(ref input, output));
        Assert.False(dialogue.IsTls);
        dialogue.TlsStarted(new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384"));
        Assert.True(dialogue.IsTls);
        Assert.False(dialogue.IsExtended);
        Assert.Null(dialogue.HeloName);
    }
}
