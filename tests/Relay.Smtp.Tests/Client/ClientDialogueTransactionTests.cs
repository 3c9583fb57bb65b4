using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueTransactionTests
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

    [Fact]
    public void Commands_up_to_Data_leave_in_one_write_when_pipelining_is_offered()
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + """
            S: 250 2.1.0 ok
            S: 250 2.1.5 ok
            S: 251 2.1.5 will forward
            S: 250 2.1.5 ok
            S: 354 go
            C: Hello
            C: .
            S: 250 2.0.0 queued as 1
            C: QUIT
            S: 221 bye
            """,
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(Enumerable.Repeat("Delivered EndOfData 250 2.0.0 queued as 1", 3), Fates(result));
        Assert.Equal(ClientStep.Closed, result.LastStep);
    }

    [Fact]
    public void Commands_wait_for_each_reply_when_pipelining_is_not_offered()
    {
        var result = ScriptedServer.Play(
            Plain + """
            C: MAIL FROM:<from@sender.test>
            S: 250 ok
            C: RCPT TO:<a@b.test>
            S: 250 ok
            C: RCPT TO:<c@b.test>
            S: 250 ok
            C: DATA
            S: 354 go
            C: Hello
            C: .
            S: 250 ok
            """,
            Mail.To("a@b.test", "c@b.test"));
        Assert.Equal(["Delivered EndOfData 250 ok", "Delivered EndOfData 250 ok"], Fates(result));
        Assert.Equal(ClientStep.Ready, result.LastStep);
    }

    [Fact]
    public void A_peer_without_Ehlo_gets_no_parameters()
    {
        var result = ScriptedServer.Play(
            """
            S: 220 x
            C: EHLO relay.test
            S: 502 no
            C: HELO relay.test
            S: 250 x
            C: MAIL FROM:<>
            S: 250 ok
            C: RCPT TO:<a@b.test>
            S: 250 ok
            C: DATA
            S: 354 go
            C: Hello
            C: .
            S: 250 ok
            """,
            Mail.Of("", "Hello\r\n", "a@b.test"));
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(result.Outcomes).Kind);
    }

    [Fact]
    public void Each_recipient_keeps_its_own_fate()
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + """
            S: 250 ok
            S: 550 5.1.1 no such user
            S: 250 ok
            S: 451 4.2.1 later
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            """,
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(["Bounced Rcpt 550 5.1.1 no such user", "Delivered EndOfData 250 done", "Deferred Rcpt 451 4.2.1 later"], Fates(result));
        Assert.True(result.IsUsable);
    }

    [Theory]
    [InlineData("450 4.2.0 later", "Deferred")]
    [InlineData("554 5.6.0 no", "Bounced")]
    [InlineData("421 4.3.2 closing", "Deferred")]
    public void The_reply_to_the_final_dot_decides_only_accepted_recipients(string reply, string kind)
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + $"""
            S: 250 ok
            S: 550 no
            S: 250 ok
            S: 450 later
            S: 354 go
            C: Hello
            C: .
            S: {reply}
            """,
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(["Bounced Rcpt 550 no", $"{kind} EndOfData {reply}", "Deferred Rcpt 450 later"], Fates(result));
        Assert.Equal(!reply.StartsWith("421", StringComparison.Ordinal), result.IsUsable);
    }

    [Theory]
    [InlineData("451 4.3.0 later", "Deferred")]
    [InlineData("554 5.7.1 no", "Bounced")]
    public void The_reply_to_Data_decides_accepted_recipients(string reply, string kind)
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + $"S: 250 ok\nS: 250 ok\nS: 550 no\nS: 250 ok\nS: {reply}",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal([$"{kind} Data {reply}", "Bounced Rcpt 550 no", $"{kind} Data {reply}"], Fates(result));
        Assert.Equal(ClientStep.Ready, result.LastStep);
    }

    [Theory]
    [InlineData("450 4.7.1 slow down", "Deferred")]
    [InlineData("550 5.7.1 sender refused", "Bounced")]
    public void A_refused_Mail_decides_all_recipients_whatever_the_rest_is_answered(string reply, string kind)
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + $"S: {reply}\nS: 503 no mail\nS: 451 x\nS: 503 no mail\nS: 503 no rcpt",
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(Enumerable.Repeat($"{kind} Mail {reply}", 3), Fates(result));
        Assert.Equal(ClientStep.Ready, result.LastStep);
    }

    [Theory]
    [InlineData("450 4.7.1 slow down", "Deferred")]
    [InlineData("550 5.7.1 sender refused", "Bounced")]
    public void A_refused_Mail_ends_the_transaction_without_pipelining(string reply, string kind)
    {
        var result = ScriptedServer.Play(
            Plain + $"C: MAIL FROM:<from@sender.test>\nS: {reply}\nC: QUIT\nS: 221 bye",
            Mail.To("a@b.test", "c@b.test"));
        Assert.Equal(Enumerable.Repeat($"{kind} Mail {reply}", 2), Fates(result));
    }

    [Fact]
    public void A_552_behind_accepted_recipients_counts_as_452()
    {
        var result = ScriptedServer.Play(
            Pipelining + Three + """
            S: 250 ok
            S: 552 5.2.2 full
            S: 250 ok
            S: 552 too many
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            """,
            Mail.To("a@b.test", "c@b.test", "d@b.test"));
        Assert.Equal(["Bounced Rcpt 552 5.2.2 full", "Delivered EndOfData 250 done", "Deferred Rcpt 552 too many"], Fates(result));
    }

    [Fact]
    public void Without_pipelining_no_recipient_accepted_means_no_Data()
    {
        var result = ScriptedServer.Play(
            Plain + """
            C: MAIL FROM:<from@sender.test>
            S: 250 ok
            C: RCPT TO:<a@b.test>
            S: 550 no
            C: RCPT TO:<c@b.test>
            S: 450 no
            C: QUIT
            S: 221 bye
            """,
            Mail.To("a@b.test", "c@b.test"));
        Assert.Equal(["Bounced Rcpt 550 no", "Deferred Rcpt 450 no"], Fates(result));
    }

    [Theory]
    [InlineData(".", "..")]
    [InlineData("..", "...")]
    [InlineData(".x", "..x")]
    [InlineData("a.", "a.")]
    [InlineData("", "")]
    public void Body_lines_are_dot_stuffed(string line, string sent)
    {
        var result = ScriptedServer.Play(
            Pipelining
            + "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
            + $"C: {sent}\nC: x\nC: {sent}\nC: .\nS: 250 done",
            Mail.Of(Mail.Sender, $"{line}\r\nx\r\n{line}\r\n", "a@b.test"));
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(result.Outcomes).Kind);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("x", "C: x\n")]
    [InlineData("x\r\n", "C: x\n")]
    public void A_body_without_a_line_end_gets_one_and_an_empty_one_stays_empty(string content, string lines)
    {
        var result = ScriptedServer.Play(
            Plain
            + "C: MAIL FROM:<from@sender.test>\nS: 250 ok\nC: RCPT TO:<a@b.test>\nS: 250 ok\nC: DATA\nS: 354 go\n"
            + $"{lines}C: .\nS: 250 done",
            Mail.Of(Mail.Sender, content, "a@b.test"));
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(result.Outcomes).Kind);
    }
}
