using System.Buffers;
using System.Text;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueLmtpTests
{
    private const string Envelope = """
        S: 220 relay.test LMTP
        C: LHLO relay.test
        S: 250-relay.test
        S: 250 PIPELINING
        C: MAIL FROM:<from@sender.test>
        C: RCPT TO:<a@b.test>
        C: RCPT TO:<no@b.test>
        C: RCPT TO:<c@b.test>
        C: RCPT TO:<d@b.test>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 550 no
        S: 250 ok
        S: 250 ok
        S: 354 go

        """;

    private const string Body = Envelope + "C: Hello\nC: .\n";

    private static readonly ClientDemands Lmtp = new() { IsLmtp = true };
    private static readonly Mail Four = Mail.To("a@b.test", "no@b.test", "c@b.test", "d@b.test");

    private static string[] Fates(PlayResult result) => [.. result.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage} {outcome.Reply}")];

    private static PlayResult Play(string script) => ScriptedServer.Play(script, Lmtp, Four);

    [Fact]
    public void Each_accepted_recipient_has_its_own_reply_in_their_order()
    {
        var result = Play(Body + "S: 250 a\nS: 452 4.2.2 c full\nS: 550 5.2.1 d\nC: QUIT\nS: 221 bye");
        Assert.Equal(["Delivered EndOfData 250 a", "Bounced Rcpt 550 no", "Deferred EndOfData 452 4.2.2 c full", "Bounced EndOfData 550 5.2.1 d"], Fates(result));
        Assert.Equal(ClientStep.Closed, result.LastStep);
    }

    [Theory]
    [InlineData("", "Deferred", "Deferred", "Deferred")]
    [InlineData("S: 250 a\n", "Delivered", "Deferred", "Deferred")]
    [InlineData("S: 250 a\nS: 550 c\n", "Delivered", "Bounced", "Deferred")]
    [InlineData("S: 250 a\nS: 550 c\nR: 250 d\n", "Delivered", "Bounced", "Deferred")]
    public void What_was_answered_before_a_disconnect_stays(string said, string first, string third, string fourth)
    {
        var result = Play(Body + said + "X:");
        Assert.Equal([first, "Bounced", third, fourth], result.Outcomes.Select(outcome => outcome.Kind.ToString()));
    }

    [Fact]
    public void A_421_for_one_recipient_ends_the_connection_and_defers_those_behind()
    {
        var result = Play(Body + "S: 250 a\nS: 421 4.3.2 bye");
        Assert.Equal(["Delivered EndOfData 250 a", "Bounced Rcpt 550 no", "Deferred EndOfData 421 4.3.2 bye", "Deferred EndOfData 421 4.3.2 bye"], Fates(result));
    }

    [Fact]
    public void What_was_taken_is_never_sent_again_though_the_replies_get_out_of_step()
    {
        var result = Play(Body + "S: 250 a\nS: 550 c\nS: 354 what");
        Assert.Equal(["Delivered", "Deferred", "Deferred", "Deferred"], result.Outcomes.Select(outcome => outcome.Kind.ToString()));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void A_reply_too_many_fails_the_connection_and_not_the_message()
    {
        var result = Play(Body + "S: 250 a\nS: 250 c\nS: 250 d\nS: 250 e");
        Assert.Equal(3, result.Outcomes.Count(outcome => outcome.Kind == OutcomeKind.Delivered));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Theory]
    [InlineData("550 no")]
    [InlineData("250 early")]
    public void A_reply_before_the_end_of_the_content_is_nobodys(string reply)
    {
        var result = Play($"{Envelope}S: {reply}");
        Assert.All([0, 2, 3], i => Assert.Equal(OutcomeKind.Deferred, result.Outcomes[i].Kind));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void Content_that_is_asked_for_though_nobody_was_accepted_changes_no_recipients_fate()
    {
        var result = ScriptedServer.Play(
            "S: 220 x\nC: LHLO relay.test\nS: 250-x\nS: 250 PIPELINING\nC: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: DATA\n"
            + "S: 250 ok\nS: 552 5.2.2 full\nS: 354 go",
            Lmtp,
            Mail.To("a@b.test"));
        Assert.Equal(["Bounced Rcpt 552 5.2.2 full"], Fates(result));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void There_is_no_Helo_in_Lmtp()
    {
        var result = Play("S: 220 x\nC: LHLO relay.test\nS: 500 what");
        Assert.Equal("500 what", result.Failure!.Value.Reply.ToString());
    }

    [Fact]
    public void With_nobody_accepted_Data_is_refused_and_the_connection_goes_on()
    {
        var result = ScriptedServer.Play(
            "S: 220 x\nC: LHLO relay.test\nS: 250-x\nS: 250 PIPELINING\nC: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: DATA\n"
            + "S: 250 ok\nS: 550 no\nS: 503 nobody\nC: QUIT",
            Lmtp,
            Mail.To("a@b.test"));
        Assert.Equal(["Bounced Rcpt 550 no"], Fates(result));
    }

    [Fact]
    public void A_chunk_is_answered_for_each_accepted_recipient_too()
    {
        var result = ScriptedServer.Play(
            "S: 220 x\nC: LHLO relay.test\nS: 250-x\nS: 250-CHUNKING\nS: 250 PIPELINING\nC: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\n"
            + "C: RCPT TO:<no@b.test>\nC: RCPT TO:<c@b.test>\nC: RCPT TO:<d@b.test>\n"
            + "S: 250 ok\nS: 250 ok\nS: 550 no\nS: 250 ok\nS: 250 ok\nC: BDAT 7 LAST\nC: Hello\nS: 550 a\nS: 250 c\nS: 450 d",
            Lmtp,
            Four);
        Assert.Equal(["Bounced EndOfData 550 a", "Bounced Rcpt 550 no", "Delivered EndOfData 250 c", "Deferred EndOfData 450 d"], Fates(result));
    }

    [Fact]
    public void Whoever_has_been_taken_is_known_while_the_others_answers_are_waited_for()
    {
        var output = new ArrayBufferWriter<byte>();
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"), Lmtp);
        Hear(dialogue, output, "220 relay.test LMTP\r\n250-relay.test\r\n250 PIPELINING\r\n");
        dialogue.Begin(Four.Transaction, output);
        Hear(dialogue, output, "250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        dialogue.WriteBody(Four.Content, output);
        dialogue.EndBody(output);
        Assert.Empty(Delivered(dialogue));
        Hear(dialogue, output, "250 a\r\n552 c\r\n25");
        Assert.Equal([(0, "250 a")], Delivered(dialogue));
        Assert.Empty(Delivered(dialogue)); // once
        Hear(dialogue, output, "0 d\r\n");
        Assert.Empty(Delivered(dialogue)); // the end tells of the last one
        Assert.Equal(4, dialogue.Outcomes.Count);
    }

    private static void Hear(ClientDialogue dialogue, ArrayBufferWriter<byte> output, string said)
    {
        var input = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(said));
        dialogue.Advance(ref input, output);
    }

    private static List<(int Recipient, string Reply)> Delivered(ClientDialogue dialogue)
    {
        var delivered = new List<(int, string)>();
        while (dialogue.TryTakeDelivered(out var recipient, out var outcome))
        {
            delivered.Add((recipient, outcome.Reply.ToString()));
        }

        return delivered;
    }
}
