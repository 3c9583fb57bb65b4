using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueProbeTests
{
    private const string Greeted = """
        S: 220 mx.test
        C: EHLO relay.test
        S: 250-mx.test
        S: 250-PIPELINING
        S: 250-CHUNKING
        S: 250 SIZE 1000

        """;

    [Theory]
    [InlineData("250 2.1.5 ok", "Delivered Rcpt 250 2.1.5 ok")]
    [InlineData("251 2.1.5 elsewhere", "Delivered Rcpt 251 2.1.5 elsewhere")]
    [InlineData("550 5.1.1 no such user", "Bounced Rcpt 550 5.1.1 no such user")]
    [InlineData("450 4.2.0 greylisted", "Deferred Rcpt 450 4.2.0 greylisted")]
    public void A_probe_ends_behind_its_recipient(string reply, string outcome)
    {
        var result = ScriptedServer.Play(
            Greeted + $"""
            C: MAIL FROM:<>
            C: RCPT TO:<a@b.test>
            S: 250 2.1.0 ok
            S: {reply}
            C: QUIT
            S: 221 bye
            """,
            Probe("a@b.test"));
        Assert.Equal([outcome], Fates(result));
        Assert.Equal(ClientStep.Closed, result.LastStep);
    }

    [Fact]
    public void Without_pipelining_each_command_waits()
    {
        var result = ScriptedServer.Play(
            """
            S: 220 mx.test
            C: EHLO relay.test
            S: 250 mx.test
            C: MAIL FROM:<>
            S: 250 2.1.0 ok
            C: RCPT TO:<a@b.test>
            S: 250 2.1.5 ok
            C: QUIT
            S: 221 bye
            """,
            Probe("a@b.test"));
        Assert.Equal(["Delivered Rcpt 250 2.1.5 ok"], Fates(result));
    }

    [Fact]
    public void The_next_question_follows_a_reset()
    {
        var result = ScriptedServer.Play(
            Greeted + """
            C: MAIL FROM:<>
            C: RCPT TO:<a@b.test>
            S: 250 2.1.0 ok
            S: 250 2.1.5 ok
            C: RSET
            C: MAIL FROM:<>
            C: RCPT TO:<c@b.test>
            S: 250 2.0.0 ok
            S: 250 2.1.0 ok
            S: 550 5.1.1 no
            C: QUIT
            S: 221 bye
            """,
            Probe("a@b.test"),
            Probe("c@b.test"));
        Assert.Equal(["Delivered Rcpt 250 2.1.5 ok", "Bounced Rcpt 550 5.1.1 no"], Fates(result));
    }

    [Fact]
    public void A_peer_that_refuses_the_null_sender_says_nothing_of_the_recipient()
    {
        var result = ScriptedServer.Play(
            Greeted + """
            C: MAIL FROM:<>
            C: RCPT TO:<a@b.test>
            S: 550 5.7.1 no bounces here
            S: 250 2.1.5 ok
            C: QUIT
            S: 221 bye
            """,
            Probe("a@b.test"));
        Assert.Equal(["Bounced Mail 550 5.7.1 no bounces here"], Fates(result));
    }

    [Fact]
    public void A_yes_that_is_followed_by_what_nobody_asked_for_is_none()
    {
        var result = ScriptedServer.Play(
            Greeted + """
            C: MAIL FROM:<>
            C: RCPT TO:<a@b.test>
            C: RCPT TO:<c@b.test>
            S: 250 2.1.0 ok
            S: 250 2.1.5 ok
            S: 354 go
            """,
            new Mail(Probe("a@b.test").Transaction with { Envelope = Mail.Of("", "", "a@b.test", "c@b.test").Transaction.Envelope }, []));
        Assert.Equal(2, result.Outcomes.Count);
        Assert.All(result.Outcomes, outcome => Assert.Equal(OutcomeKind.Deferred, outcome.Kind));
    }

    [Fact]
    public void An_lmtp_server_is_asked_the_same()
    {
        var result = ScriptedServer.Play(
            """
            S: 220 mx.test
            C: LHLO relay.test
            S: 250 mx.test
            C: MAIL FROM:<>
            S: 250 2.1.0 ok
            C: RCPT TO:<a@b.test>
            S: 550 5.1.1 no
            C: QUIT
            S: 221 bye
            """,
            new ClientDemands { IsLmtp = true },
            Probe("a@b.test"));
        Assert.Equal(["Bounced Rcpt 550 5.1.1 no"], Fates(result));
    }

    private static Mail Probe(string recipient) => new(ClientTransaction.Probe(Mail.Path(recipient)), []);

    private static string[] Fates(PlayResult result) =>
        [.. result.Transactions.SelectMany(outcomes => outcomes).Select(outcome => $"{outcome.Kind} {outcome.Stage} {outcome.Reply}")];
}
