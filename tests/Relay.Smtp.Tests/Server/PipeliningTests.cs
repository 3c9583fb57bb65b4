using Relay.Smtp.Server;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class PipeliningTests
{
    [Fact]
    public void A_batch_is_answered_in_order_one_reply_each() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        C: RCPT TO:<bad>
        C: RCPT TO:<v@relay.example>
        C: NOOP
        C: DATA
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 501 5.1.3 *
        S: 250 2.1.5 *
        S: 250 2.0.0 *
        S: 354 *
        C: .
        =: message <a@b.example> to <u@relay.example> <v@relay.example> *
        S: 250 2.0.0 *
        """);

    [Fact]
    public void Octets_behind_DATA_end_the_connection_and_are_never_commands() => RunWhole(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        C: DATA
        C: RSET
        S: 250 2.1.0 *
        S: 250 2.1.5 *
        S: 554 5.5.0 *
        =: close
        """);

    [Fact]
    public void Octets_behind_a_DATA_that_is_refused_are_never_commands_either() => RunWhole(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<refuse@victim.example>
        C: DATA
        C: MAIL FROM:<smug@internal.example>
        S: 250 2.1.0 *
        S: 550 5.7.1 *
        S: 554 5.5.0 *
        =: close
        """);

    [Theory]
    [InlineData("EHLO client.example")]
    [InlineData("HELO client.example")]
    public void Commands_behind_the_first_greeting_end_the_connection(string hello) => RunWhole($"""
        C: {hello}
        C: MAIL FROM:<a@b.example>
        S: 554 5.5.0 *
        =: close
        """);

    [Fact]
    public void A_second_greeting_may_be_pipelined() => RunWhole(
        Hello + """
        C: HELO again
        C: MAIL FROM:<a@b.example>
        S: 250 mx.relay.example
        S: 250 2.1.0 *
        """);

    [Fact]
    public void An_empty_message_for_no_recipient_never_begins() => Run(
        Hello + """
        C: MAIL FROM:<a@b.example>
        C: DATA
        S: 250 2.1.0 *
        S: 503 5.5.1 No valid recipients
        C: .
        S: 521 5.5.2 *
        =: close
        """);

    [Fact]
    public void A_reply_of_several_lines_is_written_in_one_piece()
    {
        var dialogue = new ServerDialogue(Options, Limits);
        var writer = new CountingWriter();
        var input = Segments.Of([.. "EHLO x\r\n"u8], int.MaxValue);
        Assert.Equal(DialogueStep.NeedInput, dialogue.Advance(ref input, writer));
        Assert.Equal(1, writer.Advances);
    }

    private sealed class CountingWriter : System.Buffers.IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[4096];

        public int Advances { get; private set; }

        public void Advance(int count) => Advances++;

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => _buffer;
    }
}
