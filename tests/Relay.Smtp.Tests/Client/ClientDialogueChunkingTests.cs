using System.Buffers;
using System.Text;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueChunkingTests
{
    private const string Opening = "S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250-CHUNKING\nS: 250 PIPELINING\n";
    private const string Envelope = Opening + "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: RCPT TO:<c@b.test>\n";
    private const string Chunk = Envelope + "S: 250 ok\nS: 550 no\nS: 250 ok\nC: BDAT 7 LAST\n";

    private static readonly Mail Two = Mail.To("a@b.test", "c@b.test");

    private static string[] Fates(PlayResult result) => [.. result.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage} {outcome.Reply}")];

    [Fact]
    public void The_content_goes_raw_in_one_chunk_behind_the_replies_to_Rcpt()
    {
        const string Dots = ".\r\n..x\r\n.\r\n";
        var result = ScriptedServer.Play(
            Opening + "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nS: 250 ok\nS: 250 ok\nC: BDAT 11 LAST\nC: .\nC: ..x\nC: .\nS: 250 done\nC: QUIT",
            Mail.Of(Mail.Sender, Dots, "a@b.test"));
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(result.Outcomes).Kind);
        Assert.EndsWith("LAST\r\n" + Dots + "QUIT\r\n", result.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_without_a_last_line_end_gets_none() => ScriptedServer.Play(
        "S: 220 x\nC: EHLO relay.test\nS: 250-x\nS: 250 CHUNKING\nC: MAIL FROM:<from@sender.test>\nS: 250 ok\nC: RCPT TO:<a@b.test>\nS: 250 ok\n"
        + "C: BDAT 3 LAST\nC: a\nS: 250 done",
        Mail.Of(Mail.Sender, "a\r\n", "a@b.test"));

    [Fact]
    public void No_chunk_is_sent_for_nobody_and_the_transaction_is_reset()
    {
        var result = ScriptedServer.Play(
            Envelope + "S: 250 ok\nS: 550 no\nS: 450 later\nC: RSET\nC: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: RCPT TO:<c@b.test>\n", Two, Two);
        Assert.Equal(["Bounced", "Deferred"], result.Transactions[0].Select(outcome => outcome.Kind.ToString()));
    }

    [Theory]
    [InlineData("S: 550 no\nS: 503 x\nS: 503 x\n", "")]
    [InlineData("S: 450 no\nS: 250 x\nS: 503 x\n", "C: RSET\n")]
    public void A_refused_Mail_is_the_fate_of_all(string replies, string reset)
    {
        var result = ScriptedServer.Play(
            $"{Envelope}{replies}{reset}C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: RCPT TO:<c@b.test>\n", Two, Two);
        Assert.All(result.Transactions[0], outcome => Assert.Equal(ClientStage.Mail, outcome.Stage));
    }

    [Theory]
    [InlineData("250 2.0.0 mine", "Delivered EndOfData 250 2.0.0 mine")]
    [InlineData("554 5.6.0 spam", "Bounced EndOfData 554 5.6.0 spam")]
    [InlineData("452 4.3.1 full", "Deferred EndOfData 452 4.3.1 full")]
    [InlineData("421 4.3.2 bye", "Deferred EndOfData 421 4.3.2 bye")]
    [InlineData("354 what", "Deferred EndOfData 451 4.5.0 The next hop's replies do not fit the commands it was sent")]
    public void The_reply_to_the_chunk_is_the_verdict(string reply, string fate) =>
        Assert.Equal(fate, Fates(ScriptedServer.Play($"{Chunk}C: Hello\nS: {reply}", Two))[1]);

    [Fact]
    public void A_refused_chunk_is_followed_by_a_reset() => ScriptedServer.Play(
        Chunk + "C: Hello\nS: 554 no\nC: RSET\nC: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: RCPT TO:<c@b.test>\n", Two, Two);

    [Theory]
    [InlineData("S: 552 5.3.4 too big", "Bounced Body 552 5.3.4 too big")]
    [InlineData("S: 451 4.3.0 disk", "Deferred Body 451 4.3.0 disk")]
    [InlineData("S: 250 early", "Deferred Body 451 4.5.0 The next hop's replies do not fit the commands it was sent")]
    [InlineData("X:", "Deferred Body 421 4.4.2 Connection to the next hop lost")]
    public void An_answer_before_the_chunk_is_sent_ends_the_connection(string said, string fate)
    {
        var result = ScriptedServer.Play(Chunk + said, Two);
        Assert.Equal(fate, Fates(result)[1]);
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.EndsWith("LAST\r\n", result.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_an_answer_before_the_end_of_the_chunk_is_not_believed()
    {
        var result = ScriptedServer.Play(Chunk + "R: 250 \nC: Hello\nS: ok", Two);
        Assert.Equal(OutcomeKind.Deferred, result.Outcomes[1].Kind);
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void A_disconnect_before_the_reply_to_the_chunk_defers() =>
        Assert.Equal("Deferred EndOfData 421 4.4.2 Connection to the next hop lost", Fates(ScriptedServer.Play(Chunk + "C: Hello\nX:", Two))[1]);

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void Content_of_another_length_fails_and_what_is_too_much_is_never_sent(int size)
    {
        var output = new ArrayBufferWriter<byte>();
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"));
        var input = new ReadOnlySequence<byte>("220 x\r\n250-x\r\n250 CHUNKING\r\n"u8.ToArray());
        dialogue.Advance(ref input, output);
        dialogue.Begin(Mail.To("a@b.test").Transaction with { Size = size }, output);
        input = new ReadOnlySequence<byte>("250 ok\r\n250 ok\r\n"u8.ToArray());
        Assert.Equal(ClientStep.SendBody, dialogue.Advance(ref input, output));
        dialogue.WriteBody("Hell"u8, output);
        dialogue.WriteBody("o\r\n"u8, output);
        dialogue.EndBody(output);
        var chunk = Encoding.ASCII.GetString(output.WrittenSpan).Split("LAST\r\n")[1];
        Assert.True(chunk.Length < size, chunk);
        Assert.Equal(ClientStep.Failed, dialogue.Advance(ref input, output));
        Assert.Equal("4.3.0", Assert.Single(dialogue.Outcomes).Reply.Status.ToString());
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Smtputf8_is_needed_for_a_header_outside_ASCII_only(bool mayHave8Bit, bool has8Bit, bool isSent)
    {
        var mail = Mail.Of(Mail.Sender, MailParameters.None with { SmtpUtf8 = true }, "x\r\n", "a@b.test");
        mail = mail with { Transaction = mail.Transaction with { Has8Bit = has8Bit, HeaderMayHave8Bit = mayHave8Bit } };
        var opening = "S: 220 x\nC: EHLO relay.test\nS: 250-x\nS: 250 8BITMIME\n";
        if (isSent)
        {
            ScriptedServer.Play($"{opening}C: MAIL FROM:<from@sender.test>{(has8Bit ? " BODY=8BITMIME" : "")}", mail);
        }
        else
        {
            Assert.Equal("5.6.7", Assert.Single(ScriptedServer.Play(opening + "B:", mail).Outcomes).Reply.Status.ToString());
        }
    }
}
