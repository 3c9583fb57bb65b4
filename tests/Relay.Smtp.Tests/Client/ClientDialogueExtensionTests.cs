using System.Text;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueExtensionTests
{
    private const string SafeId = "QQ314159+20x";

    private static readonly MailParameters Utf8 = MailParameters.None with { SmtpUtf8 = true, Body = BodyType.EightBitMime };

    private static string Opening(params string[] capabilities)
    {
        var lines = new StringBuilder("S: 220 mx.test\nC: EHLO relay.test\n");
        for (var i = 0; i <= capabilities.Length; i++)
        {
            lines.Append("S: 250").Append(i == capabilities.Length ? ' ' : '-').Append(i == 0 ? "mx.test" : capabilities[i - 1]).Append('\n');
        }

        return lines.ToString();
    }

    private static void SaysMail(string command, Mail mail, params string[] capabilities) =>
        ScriptedServer.Play(Opening(capabilities) + $"C: {command}\n", mail);

    private static RecipientOutcome[] DecidesAlone(Mail mail, params string[] capabilities)
    {
        var result = ScriptedServer.Play(Opening(capabilities) + "B:\nC: QUIT\n", mail);
        Assert.Equal("EHLO relay.test\r\nQUIT\r\n", result.Sent);
        Assert.Null(result.Failure);
        return [.. result.Outcomes];
    }

    [Fact]
    public void Size_is_announced_when_offered()
    {
        SaysMail("MAIL FROM:<from@sender.test> SIZE=7", Mail.To("a@b.test"), "SIZE");
        SaysMail("MAIL FROM:<from@sender.test> SIZE=7", Mail.To("a@b.test"), "SIZE 7");
        SaysMail("MAIL FROM:<from@sender.test> SIZE=7", Mail.To("a@b.test"), "SIZE 0");
        SaysMail("MAIL FROM:<from@sender.test>", Mail.To("a@b.test"), "DSN");
    }

    [Fact]
    public void A_message_over_the_peers_size_bounces_without_being_sent()
    {
        var outcomes = DecidesAlone(Mail.To("a@b.test", "c@b.test"), "SIZE 6", "PIPELINING");
        Assert.Equal(2, outcomes.Length);
        Assert.All(outcomes, outcome => Assert.Equal((OutcomeKind.Bounced, 552, "5.3.4"), Facts(outcome)));
    }

    [Fact]
    public void Body_8bitmime_is_declared_when_needed_or_declared_and_offered()
    {
        SaysMail("MAIL FROM:<from@sender.test> BODY=8BITMIME", Mail.Of(Mail.Sender, "é\r\n", "a@b.test"), "8BITMIME");
        SaysMail("MAIL FROM:<from@sender.test>", Mail.To("a@b.test"), "8BITMIME");
        var declared = MailParameters.None with { Body = BodyType.EightBitMime };
        SaysMail("MAIL FROM:<from@sender.test> BODY=8BITMIME", Mail.Of(Mail.Sender, declared, "x\r\n", "a@b.test"), "8BITMIME");
        SaysMail("MAIL FROM:<from@sender.test>", Mail.Of(Mail.Sender, declared, "x\r\n", "a@b.test"), "DSN");
    }

    [Fact]
    public void Eight_bit_content_bounces_where_8bitmime_is_not_offered()
    {
        var outcome = Assert.Single(DecidesAlone(Mail.Of(Mail.Sender, "é\r\n", "a@b.test"), "SMTPUTF8"));
        Assert.Equal((OutcomeKind.Bounced, 554, "5.6.3"), Facts(outcome));
    }

    [Fact]
    public void Smtputf8_is_said_when_an_address_needs_it_or_the_sender_said_so()
    {
        string[] offered = ["8BITMIME", "SMTPUTF8"];
        SaysMail("MAIL FROM:<жук@sender.test> SMTPUTF8", Mail.Of("жук@sender.test", "x\r\n", "a@b.test"), offered);
        SaysMail("MAIL FROM:<from@sender.test> SMTPUTF8", Mail.Of(Mail.Sender, "x\r\n", "a@b.test", "жук@b.test"), offered);
        SaysMail("MAIL FROM:<from@sender.test> BODY=8BITMIME SMTPUTF8", Mail.Of(Mail.Sender, Utf8, "x\r\n", "a@b.test"), offered);
        SaysMail("MAIL FROM:<from@sender.test>", Mail.To("a@b.test"), offered);
    }

    [Fact]
    public void What_needs_Smtputf8_bounces_where_it_is_not_offered()
    {
        var sender = Assert.Single(DecidesAlone(Mail.Of("жук@sender.test", "x\r\n", "a@b.test"), "8BITMIME"));
        Assert.Equal((OutcomeKind.Bounced, 553, "5.6.7"), Facts(sender));
        var content = Assert.Single(DecidesAlone(Mail.Of(Mail.Sender, Utf8, "é\r\n", "a@b.test"), "8BITMIME"));
        Assert.Equal((OutcomeKind.Bounced, 553, "5.6.7"), Facts(content));
        var recipient = Assert.Single(DecidesAlone(Mail.To("жук@b.test"), "8BITMIME"));
        Assert.Equal((OutcomeKind.Bounced, 553, "5.6.7"), Facts(recipient));
    }

    [Fact]
    public void Mail_declared_Smtputf8_without_any_octet_over_127_is_sent_as_plain_mail()
    {
        SaysMail("MAIL FROM:<from@sender.test> BODY=8BITMIME", Mail.Of(Mail.Sender, Utf8, "x\r\n", "a@b.test"), "8BITMIME");
        SaysMail("MAIL FROM:<from@sender.test>", Mail.Of(Mail.Sender, Utf8, "x\r\n", "a@b.test"));
    }

    [Theory]
    [InlineData("жук@b.test", "a@b.test", "c@b.test", 0)]
    [InlineData("a@b.test", "жук@b.test", "c@b.test", 1)]
    [InlineData("a@b.test", "c@b.test", "жук@b.test", 2)]
    public void Only_the_recipient_that_needs_Smtputf8_bounces(string first, string second, string third, int utf8)
    {
        var result = ScriptedServer.Play(
            Opening("PIPELINING") + """
            C: MAIL FROM:<from@sender.test>
            C: RCPT TO:<a@b.test>
            C: RCPT TO:<c@b.test>
            C: DATA
            S: 250 ok
            S: 250 ok
            S: 550 no
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            """,
            Mail.To(first, second, third));
        Assert.Equal((OutcomeKind.Bounced, 553, "5.6.7"), Facts(result.Outcomes[utf8]));
        Assert.Equal(
            [(OutcomeKind.Delivered, 250, ""), (OutcomeKind.Bounced, 550, "")],
            result.Outcomes.Where((_, i) => i != utf8).Select(Facts));
    }

    [Fact]
    public void A_bounce_of_ours_survives_replies_out_of_step()
    {
        var result = ScriptedServer.Play(
            Opening("PIPELINING") + "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: DATA\nS: 250 ok\nS: 550 no\nS: 250 what",
            Mail.To("жук@b.test", "a@b.test"));
        Assert.Equal((OutcomeKind.Bounced, 553, "5.6.7"), Facts(result.Outcomes[0]));
        Assert.Equal(OutcomeKind.Deferred, result.Outcomes[1].Kind);
    }

    [Theory]
    [InlineData(DsnReturn.Full, SafeId, " RET=FULL ENVID=QQ314159+20x")]
    [InlineData(DsnReturn.Headers, null, " RET=HDRS")]
    [InlineData(DsnReturn.Unspecified, null, "")]
    [InlineData(DsnReturn.Unspecified, "a\r\nRSET", "")]
    [InlineData(DsnReturn.Unspecified, "a b", "")]
    [InlineData(DsnReturn.Unspecified, "é", "")]
    public void Ret_and_Envid_go_on_when_Dsn_is_offered(DsnReturn ret, string? id, string parameters)
    {
        var mail = Mail.Of(Mail.Sender, MailParameters.None with { Return = ret, EnvelopeId = id }, "x\r\n", "a@b.test");
        SaysMail($"MAIL FROM:<from@sender.test>{parameters}", mail, "DSN");
        SaysMail("MAIL FROM:<from@sender.test>", mail, "X-DSN");
    }

    [Theory]
    [InlineData(DsnNotify.Never, "rfc822;a@b.test", " NOTIFY=NEVER ORCPT=rfc822;a@b.test")]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, null, " NOTIFY=SUCCESS,FAILURE,DELAY")]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay, null, " NOTIFY=FAILURE,DELAY")]
    [InlineData(DsnNotify.Delay, null, " NOTIFY=DELAY")]
    [InlineData(DsnNotify.Unspecified, "rfc822;x+2By@b.test", " ORCPT=rfc822;x+2By@b.test")]
    [InlineData(DsnNotify.Unspecified, "rfc822;a\r\nRCPT", "")]
    [InlineData(DsnNotify.Unspecified, "utf-8;жук@b.test", "")]
    [InlineData(DsnNotify.Unspecified, null, "")]
    public void Notify_and_Orcpt_go_on_when_Dsn_is_offered(DsnNotify notify, string? original, string parameters)
    {
        var mail = Mail.Of(Mail.Sender, MailParameters.None, "x\r\n", new EnvelopeRecipient(Mail.Path("a@b.test"), notify, original));
        const string Rest = "C: MAIL FROM:<from@sender.test>\nS: 250 ok\nC: RCPT TO:<a@b.test>";
        ScriptedServer.Play($"{Opening("DSN")}{Rest}{parameters}", mail);
        ScriptedServer.Play(Opening() + Rest, mail);
    }

    [Fact]
    public void A_utf8_Orcpt_goes_on_under_Smtputf8()
    {
        var recipient = new EnvelopeRecipient(Mail.Path("жук@b.test"), DsnNotify.Unspecified, "utf-8;жук@b.test");
        ScriptedServer.Play(
            Opening("DSN", "SMTPUTF8")
            + "C: MAIL FROM:<from@sender.test> SMTPUTF8\nS: 250 ok\nC: RCPT TO:<жук@b.test> ORCPT=utf-8;жук@b.test",
            Mail.Of(Mail.Sender, MailParameters.None, "x\r\n", recipient));
    }

    [Fact]
    public void All_parameters_stand_on_one_Mail_command()
    {
        var parameters = Utf8 with { Return = DsnReturn.Headers, EnvelopeId = SafeId };
        SaysMail(
            "MAIL FROM:<from@sender.test> SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159+20x",
            Mail.Of(Mail.Sender, parameters, "é\r\n", "a@b.test"),
            "SIZE 1000",
            "8BITMIME",
            "SMTPUTF8",
            "DSN");
    }

    [Fact]
    public void A_quoted_local_part_is_sent_as_it_came() =>
        ScriptedServer.Play(
            Opening("PIPELINING") + "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<\"a <b> (c)\"@b.test>\nC: DATA",
            Mail.To("\"a <b> (c)\"@b.test"));

    [Fact]
    public void The_null_path_as_a_recipient_bounces() =>
        Assert.Equal((OutcomeKind.Bounced, 553, "5.1.3"), Facts(Assert.Single(DecidesAlone(Mail.To("")))));

    private static (OutcomeKind Kind, int Code, string Status) Facts(RecipientOutcome outcome) =>
        (outcome.Kind, outcome.Reply.Code, outcome.Reply.Status.ToString());
}
