using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialoguePipeliningTests
{
    private const string Pipelining = """
        S: 220 mx.test
        C: EHLO relay.test
        S: 250-mx.test
        S: 250 PIPELINING

        """;

    private const string Plain = """
        S: 220 mx.test
        C: EHLO relay.test
        S: 250 mx.test

        """;

    private const string Three = """
        C: MAIL FROM:<from@sender.test>
        C: RCPT TO:<a@b.test>
        C: RCPT TO:<c@b.test>
        C: RCPT TO:<d@b.test>
        C: DATA

        """;

    private static string[] Fates(PlayResult result) =>
        [.. result.Outcomes.Select(outcome => $"{outcome.Kind} {outcome.Stage} {outcome.Reply}")];

    [Theory]
    [InlineData("554 5.5.1 no valid recipients")]
    [InlineData("503 no")]
    [InlineData("451 no")]
    public void Refused_recipients_keep_their_replies_when_pipelined_Data_is_refused_too(string reply)
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + $"S: 250 ok\nS: 550 one\nS: 450 two\nS: 551 three\nS: {reply}",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(["Bounced Rcpt 550 one", "Deferred Rcpt 450 two", "Bounced Rcpt 551 three"], Fates(result));
        Assert.True(result.IsUsable);
    }

    [Theory]
    [InlineData("554 5.5.1 no valid recipients", ClientStep.Ready)]
    [InlineData("250 queued", ClientStep.Ready)]
    [InlineData("421 closing", ClientStep.Failed)]
    public void A_354_for_nobody_is_answered_by_a_lone_dot_whose_reply_changes_no_fate(string reply, ClientStep last)
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + $"S: 250 ok\nS: 550 one\nS: 450 two\nS: 551 three\nS: 354 go\nC: .\nS: {reply}",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(["Bounced Rcpt 550 one", "Deferred Rcpt 450 two", "Bounced Rcpt 551 three"], Fates(result));
        Assert.Equal(last, result.LastStep);
    }

    [Fact]
    public void A_354_after_a_refused_Mail_is_answered_by_a_lone_dot()
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + "S: 550 no\nS: 503 x\nS: 503 x\nS: 503 x\nS: 354 go\nC: .\nS: 554 x",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(Enumerable.Repeat("Bounced Mail 550 no", 3), Fates(result));
        Assert.True(result.IsUsable);
    }

    [Fact]
    public void No_dot_is_sent_when_a_recipient_was_taken_without_Mail()
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + "S: 550 no\nS: 250 ok\nS: 503 x\nS: 503 x\nS: 354 go",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        // Its refusal of MAIL holds: the 354 proves that its replies fit the commands.
        Assert.All(result.Outcomes, outcome => Assert.Equal("Bounced Mail 550 no", $"{outcome.Kind} {outcome.Stage} {outcome.Reply}"));
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Fact]
    public void Rset_precedes_the_next_Mail_after_a_transaction_that_stayed_open()
    {
        var result = ScriptedServer.Play(
            Pipelining + """
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<a@b.test>
            C: DATA
            S: 250 ok
            S: 550 no
            S: 554 no valid recipients
            C: RSET
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<c@b.test>
            C: DATA
            S: 250 reset
            S: 250 ok
            S: 250 ok
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<d@b.test>
            C: DATA
            S: 550 no
            S: 503 no
            S: 503 no
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<e@b.test>
            C: DATA
            """,
            Mail.To("a@b.test"),
            Mail.To("c@b.test"),
            Mail.To("d@b.test"),
            Mail.To("e@b.test"));
        Assert.Equal(
            [OutcomeKind.Bounced, OutcomeKind.Delivered, OutcomeKind.Bounced],
            result.Transactions.Select(outcomes => Assert.Single(outcomes).Kind));
    }

    [Fact]
    public void Rset_is_waited_for_without_pipelining_and_its_refusal_defers()
    {
        const string Refused = """
            C: MAIL FROM:<from@sender.test>
            S: 250 ok
            C: RCPT TO:<a@b.test>
            S: 550 no
            C: RSET

            """;
        Mail[] mails = [Mail.To("a@b.test"), Mail.To("c@b.test")];
        var good = ScriptedServer.Play(Plain + Refused + "S: 250 ok\nC: MAIL FROM:<from@sender.test>", mails);
        Assert.Single(good.Transactions);
        var bad = ScriptedServer.Play(Plain + Refused + "S: 500 what", mails);
        Assert.Equal(OutcomeKind.Deferred, Assert.Single(bad.Transactions[1]).Kind);
        Assert.Equal(ClientStep.Failed, bad.LastStep);
    }

    [Fact]
    public void Many_recipients_go_out_in_groups()
    {
        var options = new ClientDialogueOptions(ScriptedServer.HostName) { PipelinedRecipientsMax = 2 };
        var result = ScriptedServer.Play(
            Pipelining + """
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<a@b.test>
            C: RCPT TO:<b@b.test>
            S: 250 ok
            S: 250 ok
            S: 550 no
            C: RCPT TO:<c@b.test>
            C: RCPT TO:<d@b.test>
            S: 550 no
            S: 250 ok
            C: RCPT TO:<e@b.test>
            C: DATA
            S: 450 no
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            """,
            options,
            Mail.To("a@b.test", "b@b.test", "c@b.test", "d@b.test", "e@b.test"));
        Assert.Equal(
            [OutcomeKind.Delivered, OutcomeKind.Bounced, OutcomeKind.Bounced, OutcomeKind.Delivered, OutcomeKind.Deferred],
            result.Outcomes.Select(outcome => outcome.Kind));
    }

    [Fact]
    public void A_refused_Mail_stops_the_groups_that_are_left()
    {
        var options = new ClientDialogueOptions(ScriptedServer.HostName) { PipelinedRecipientsMax = 2 };
        var result = ScriptedServer.Play(
            Pipelining + """
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<a@b.test>
            C: RCPT TO:<b@b.test>
            S: 550 no
            S: 503 no
            S: 503 no
            C: QUIT
            """,
            options,
            Mail.To("a@b.test", "b@b.test", "c@b.test"));
        Assert.Equal(Enumerable.Repeat("Bounced Mail 550 no", 3), Fates(result));
    }
}
