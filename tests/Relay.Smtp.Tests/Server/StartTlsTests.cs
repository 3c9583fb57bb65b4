using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class StartTlsTests
{
    private const string HelloWithTls = """
        C: EHLO client.example
        S: 250-*
        S: 250-PIPELINING
        S: 250-SIZE *
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-CHUNKING
        S: 250-STARTTLS
        S: 250 DSN

        """;

    private static readonly ServerDialogueOptions Offered = Options with { OfferStartTls = true };

    [Fact]
    public void TLS_forgets_greeting_and_envelope_and_is_not_offered_again() => Run(
        HelloWithTls + """
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
        HelloWithTls + $"""
        C: STARTTLS
        C: {injected}
        S: 554 5.5.0 *
        =: close
        """,
        Offered);

    [Fact]
    public void STARTTLS_takes_no_argument() => Run(HelloWithTls + "C: STARTTLS x\nS: 501 5.5.4 *\n", Offered);

    [Fact]
    public void STARTTLS_waits_for_EHLO() => Run("C: STARTTLS\nS: 503 5.5.1 *\n", Offered);

    [Fact]
    public void The_dialogue_waits_for_the_handshake()
    {
        var dialogue = new ServerDialogue(Offered, Limits);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var input = Segments.Of([.. "EHLO x\r\n"u8], int.MaxValue);
        Assert.Equal(DialogueStep.NeedInput, dialogue.Advance(ref input, output));
        input = Segments.Of([.. "STARTTLS\r\n"u8], int.MaxValue);
        Assert.Equal(DialogueStep.StartTls, dialogue.Advance(ref input, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.Advance(ref input, output));
        Assert.False(dialogue.IsTls);
        dialogue.TlsStarted(new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384"));
        Assert.True(dialogue.IsTls);
        Assert.False(dialogue.IsExtended);
        Assert.Null(dialogue.HeloName);
    }
}
