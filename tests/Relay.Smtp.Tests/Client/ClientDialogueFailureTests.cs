using System.Buffers;
using System.Text;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueFailureTests
{
    private const string Opening = """
        S: 220 mx.test
        C: EHLO relay.test
        S: 250-mx.test
        S: 250 PIPELINING
        C: MAIL FROM:<from@sender.test>
        C: RCPT TO:<a@b.test>
        C: RCPT TO:<c@b.test>
        C: DATA

        """;

    private static readonly Mail Two = Mail.To("a@b.test", "c@b.test");

    private static PlayResult Play(string rest) => ScriptedServer.Play(Opening + rest, Two);

    [Theory]
    [InlineData("", ClientStage.Mail)]
    [InlineData("R: 250 o\n", ClientStage.Mail)]
    [InlineData("S: 250 ok\n", ClientStage.Rcpt)]
    [InlineData("S: 250 ok\nS: 250 ok\n", ClientStage.Rcpt)]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 250 ok\n", ClientStage.Data)]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n", ClientStage.Body)]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: Hello\nC: .\n", ClientStage.EndOfData)]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: Hello\nC: .\nR: 250 done\\r\n", ClientStage.EndOfData)]
    public void A_connection_lost_in_a_transaction_defers_all_recipients(string said, ClientStage stage)
    {
        var result = Play(said + "X:");
        Assert.All(result.Outcomes, outcome => Assert.Equal((OutcomeKind.Deferred, stage), (outcome.Kind, outcome.Stage)));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(stage, result.Failure!.Value.Stage);
        Assert.Equal("4.4.2", result.Failure.Value.Reply.Status.ToString());
    }

    [Fact]
    public void A_recipient_refused_before_the_connection_was_lost_stays_bounced()
    {
        var result = Play("S: 250 ok\nS: 550 no\nX:");
        Assert.Equal([OutcomeKind.Bounced, OutcomeKind.Deferred], result.Outcomes.Select(outcome => outcome.Kind));
    }

    [Fact]
    public void A_refused_Mail_stays_the_reason_when_the_connection_is_lost_behind_it()
    {
        var result = Play("S: 550 no\nS: 503 x\nX:");
        Assert.All(result.Outcomes, outcome => Assert.Equal("550 no", outcome.Reply.ToString()));
    }

    [Theory]
    [InlineData("", "Deferred Mail", "Deferred Mail")]
    [InlineData("S: 250 ok\n", "Deferred Rcpt", "Deferred Rcpt")]
    [InlineData("S: 250 ok\nS: 250 ok\n", "Deferred Rcpt", "Deferred Rcpt")]
    [InlineData("S: 250 ok\nS: 550 no\n", "Bounced Rcpt", "Deferred Rcpt")]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 550 no\n", "Deferred Data", "Bounced Rcpt")]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go\n", "Deferred Body", "Bounced Rcpt")]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go\nC: Hello\nC: .\n", "Deferred EndOfData", "Bounced Rcpt")]
    public void A_421_anywhere_ends_the_connection_and_defers_what_is_open(string said, string first, string second)
    {
        var result = Play(said + "S: 421 4.3.2 shutting down");
        Assert.Equal([first, second], result.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage}"));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal("421 4.3.2 shutting down", result.Failure!.Value.Reply.ToString());
        Assert.False(result.IsUsable);
    }

    [Theory]
    [InlineData("S: 354 what\n", "MAIL")]
    [InlineData("S: 250 ok\nS: 354 what\n", "RCPT")]
    [InlineData("S: 250 ok\nS: 550 shifted\nS: 250 ok\nS: 250 ok\n", "DATA")]
    [InlineData("S: 550 shifted\nS: 250 ok\nS: 250 ok\nS: 250 ok\n", "DATA after a refused MAIL")]
    [InlineData("S: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go\nC: Hello\nC: .\nS: 354 again\n", "final dot")]
    public void Replies_out_of_step_defer_all_recipients_since_no_refusal_can_be_trusted(string said, string what)
    {
        var result = Play(said);
        Assert.All(result.Outcomes, outcome => Assert.True(outcome.Kind == OutcomeKind.Deferred, what));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal("4.5.0", result.Failure!.Value.Reply.Status.ToString());
    }

    [Theory]
    [InlineData("250-a\nS: 550 b")]
    [InlineData("2500 ok")]
    [InlineData("ok")]
    [InlineData("\\xff\\xfe\\0")]
    public void A_malformed_reply_defers_what_is_open_and_keeps_what_was_decided(string reply)
    {
        var result = Play($"S: 250 ok\nS: 550 no\nS: {reply}");
        Assert.Equal(["Bounced Rcpt", "Deferred Rcpt"], result.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage}"));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(451, result.Outcomes[1].Reply.Code);
    }

    [Fact]
    public void A_message_acknowledged_before_its_end_is_not_delivered()
    {
        var result = Play("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nS: 250 queued");
        Assert.All(result.Outcomes, outcome => Assert.Equal(OutcomeKind.Deferred, outcome.Kind));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void A_reply_begun_before_the_final_dot_keeps_the_dot_from_being_sent()
    {
        var result = Play("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nR: 250 que\nC: Hello");
        Assert.All(result.Outcomes, outcome => Assert.Equal(OutcomeKind.Deferred, outcome.Kind));
        Assert.DoesNotContain("\r\n.\r\n", result.Sent, StringComparison.Ordinal);
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Theory]
    [InlineData("552 5.3.4 too big", OutcomeKind.Bounced)]
    [InlineData("451 4.3.0 disk", OutcomeKind.Deferred)]
    public void A_refusal_while_the_body_is_on_its_way_is_the_verdict_and_ends_the_connection(string reply, OutcomeKind kind)
    {
        var result = Play($"S: 250 ok\nS: 450 later\nS: 250 ok\nS: 354 go\nS: {reply}");
        Assert.Equal("450 later", result.Outcomes[0].Reply.ToString());
        Assert.Equal((kind, ClientStage.Body), (result.Outcomes[1].Kind, result.Outcomes[1].Stage));
        Assert.Equal(reply, result.Failure!.Value.Reply.ToString());
        Assert.False(result.IsUsable);
    }

    [Theory]
    [InlineData("S: 250 done\nS: 421 bye", "421 bye")]
    [InlineData("S: 250 done\nS: 250 done", "451 4.5.0 The next hop's replies do not fit the commands it was sent")]
    [InlineData("S: 250 done\nS: x", "451 4.5.0 The next hop sent what is no SMTP reply")]
    public void What_follows_the_last_reply_fails_the_connection_and_not_the_message(string said, string failure)
    {
        var result = Play("S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: Hello\nC: .\n" + said);
        Assert.All(result.Outcomes, outcome => Assert.Equal(OutcomeKind.Delivered, outcome.Kind));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(failure, result.Failure!.Value.Reply.ToString());
    }

    [Fact]
    public void A_transaction_does_not_begin_on_half_a_reply_that_nobody_asked_for()
    {
        var result = ScriptedServer.Play("S: 220 x\nC: EHLO relay.test\nS: 250-x\nS: 250 PIPELINING\nR: 250 o\nB:", Two);
        Assert.All(result.Outcomes, outcome => Assert.Equal(OutcomeKind.Deferred, outcome.Kind));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal("EHLO relay.test\r\n", result.Sent);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public void A_body_of_another_length_than_announced_never_gets_its_dot(int size)
    {
        var (dialogue, output) = AtBody(size);
        dialogue.WriteBody("Hello\r\n"u8, output);
        dialogue.EndBody(output);
        Assert.DoesNotContain("\r\n.\r\n", Encoding.ASCII.GetString(output.WrittenSpan), StringComparison.Ordinal);
        var input = ReadOnlySequence<byte>.Empty;
        Assert.Equal(ClientStep.Failed, dialogue.Advance(ref input, output));
        var outcome = Assert.Single(dialogue.Outcomes);
        Assert.Equal((OutcomeKind.Deferred, ClientStage.Body, "4.3.0"), (outcome.Kind, outcome.Stage, outcome.Reply.Status.ToString()));
    }

    [Fact]
    public void The_owner_may_say_why_the_connection_was_lost_but_only_as_temporary()
    {
        var (dialogue, _) = AtBody(7);
        Assert.Throws<ArgumentException>(() => dialogue.ConnectionLost(new SmtpReply(550, EnhancedStatus.None, "no")));
        dialogue.ConnectionLost(new SmtpReply(451, new EnhancedStatus(4, 4, 1), "No answer in time"));
        dialogue.ConnectionLost(new SmtpReply(451, EnhancedStatus.None, "again"));
        Assert.Equal("451 4.4.1 No answer in time", Assert.Single(dialogue.Outcomes).Reply.ToString());
        Assert.Equal("451 4.4.1 No answer in time", dialogue.Failure!.Value.Reply.ToString());
    }

    [Fact]
    public void Calls_out_of_order_are_a_programmer_error()
    {
        var output = new ArrayBufferWriter<byte>();
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"));
        Assert.Throws<InvalidOperationException>(() => dialogue.Begin(Two.Transaction, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.WriteBody("x"u8, output));
        Assert.Throws<InvalidOperationException>(() => dialogue.EndBody(output));
        Assert.Throws<InvalidOperationException>(() => dialogue.Quit(output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Text_of_a_hostile_reply_is_harmless_and_cut()
    {
        var result = Play($"S: 250 ok\nS: 550-5.7.1 a\\0b\\e[31m\\x07{new string('x', 1500)}\nS: 550 5.7.1 lost\nS: 550 x\nS: 554 x");
        var reply = result.Outcomes[0].Reply;
        Assert.Equal("5.7.1", reply.Status.ToString());
        Assert.StartsWith("a?b?[31m?xxx", Assert.Single(reply.Lines), StringComparison.Ordinal);
        Assert.Equal(1024, reply.Lines[0].Length);
    }

    private static (ClientDialogue Dialogue, ArrayBufferWriter<byte> Output) AtBody(long size)
    {
        var output = new ArrayBufferWriter<byte>();
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"));
        var input = new ReadOnlySequence<byte>("220 x\r\n250-x\r\n250 PIPELINING\r\n"u8.ToArray());
        Assert.Equal(ClientStep.Ready, dialogue.Advance(ref input, output));
        dialogue.Begin(Mail.To("a@b.test").Transaction with { Size = size }, output);
        input = new ReadOnlySequence<byte>("250 ok\r\n250 ok\r\n354 go\r\n"u8.ToArray());
        Assert.Equal(ClientStep.SendBody, dialogue.Advance(ref input, output));
        return (dialogue, output);
    }
}
