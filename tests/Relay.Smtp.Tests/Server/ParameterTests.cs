using Relay.Smtp.Envelopes;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class ParameterTests
{
    private static readonly string Envid100 = new('e', 100);
    private static readonly string Orcpt500 = "rfc822;" + new string('o', 493);

    [Fact]
    public void All_parameters_of_MAIL_are_kept_as_sent()
    {
        var owner = Mail("<a@b.example> size=1000 Body=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B314159");
        Assert.StartsWith("S: 250", owner.Transcript[^1], StringComparison.Ordinal);
        Assert.Equal(new MailParameters(1000, BodyType.EightBitMime, true, DsnReturn.Headers, "QQ+2B314159"), owner.Dialogue.Parameters);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void No_parameters_are_the_shared_none(string blanks) =>
        Assert.Equal(MailParameters.None, Mail("<a@b.example>" + blanks).Dialogue.Parameters);

    [Theory]
    [InlineData("SIZE=100000", 250)]
    [InlineData("SIZE=0", 250)]
    [InlineData("SIZE=00000000000000000001", 250)]
    [InlineData("SIZE=100001", 552)]
    [InlineData("SIZE=99999999999999999999", 552)]
    [InlineData("SIZE=999999999999999999999", 501)]
    [InlineData("SIZE=-1", 501)]
    [InlineData("SIZE=+1", 501)]
    [InlineData("SIZE=1k", 501)]
    [InlineData("SIZE=", 501)]
    [InlineData("SIZE", 501)]
    [InlineData("SIZE=1 SIZE=1", 501)]
    [InlineData("BODY=7BIT", 250)]
    [InlineData("BODY=8bitmime", 250)]
    [InlineData("BODY=BINARYMIME", 504)]
    [InlineData("BODY=9BIT", 501)]
    [InlineData("BODY", 501)]
    [InlineData("BODY=7BIT BODY=7BIT", 501)]
    [InlineData("SMTPUTF8", 250)]
    [InlineData("SMTPUTF8=yes", 501)]
    [InlineData("SMTPUTF8 SMTPUTF8", 501)]
    [InlineData("RET=FULL", 250)]
    [InlineData("RET=hdrs", 250)]
    [InlineData("RET=SOME", 501)]
    [InlineData("RET=FULL RET=FULL", 501)]
    [InlineData("ENVID=a+2B", 250)]
    [InlineData("ENVID=a+2b", 501)]
    [InlineData("ENVID=a+20+7E", 250)]
    [InlineData("ENVID=a+0D+0A", 501)]
    [InlineData("ENVID=a+00", 501)]
    [InlineData("ENVID=a+1B", 501)]
    [InlineData("ENVID=a+7F", 501)]
    [InlineData("ENVID=a+FF", 501)]
    [InlineData("ENVID=a+2", 501)]
    [InlineData("ENVID=a+", 501)]
    [InlineData("ENVID=", 501)]
    [InlineData("ENVID=a=b", 501)]
    [InlineData("ENVID=a ENVID=b", 501)]
    [InlineData("AUTH=<>", 555)]
    [InlineData("AUTH=a+zz", 555)]
    [InlineData("NOTIFY=NEVER", 555)]
    [InlineData("REQUIRETLS", 555)]
    [InlineData("X-UNKNOWN=1", 555)]
    [InlineData("=1", 501)]
    [InlineData("-X=1", 501)]
    [InlineData("X_Y=1", 501)]
    [InlineData("SIZE=1\\tBODY=7BIT", 501)]
    public void A_parameter_of_MAIL_is_checked(string parameters, int code)
    {
        var owner = Mail("<a@b.example> " + parameters);
        Assert.StartsWith($"S: {code} ", owner.Transcript[^1], StringComparison.Ordinal);
        Assert.Matches(code switch { 552 => " 5\\.3\\.4 ", >= 500 => " 5\\.5\\.4 ", _ => " 2\\.1\\.0 " }, owner.Transcript[^1]);
        Assert.Equal(code == 250, owner.Dialogue.Sender is not null);
    }

    [Theory]
    [InlineData("NOTIFY=NEVER", 250)]
    [InlineData("NOTIFY=success,Failure,DELAY", 250)]
    [InlineData("NOTIFY=NEVER,FAILURE", 501)]
    [InlineData("NOTIFY=FAILURE,NEVER", 501)]
    [InlineData("NOTIFY=FAILURE,FAILURE", 501)]
    [InlineData("NOTIFY=FAILURE,", 501)]
    [InlineData("NOTIFY=ALWAYS", 501)]
    [InlineData("NOTIFY=", 501)]
    [InlineData("NOTIFY", 501)]
    [InlineData("NOTIFY=NEVER NOTIFY=NEVER", 501)]
    [InlineData("ORCPT=rfc822;n@victim.example", 250)]
    [InlineData("ORCPT=rfc822;a+2Bb@b.example", 250)]
    [InlineData("ORCPT=rfc822;a+2bb@b.example", 501)]
    [InlineData("ORCPT=rfc822;a+0D+0Ab", 501)]
    [InlineData("ORCPT=rfc822", 501)]
    [InlineData("ORCPT=;a", 501)]
    [InlineData("ORCPT=rfc822;", 501)]
    [InlineData("ORCPT=rfc 822;a", 501)]
    [InlineData("ORCPT=rfc<822;a", 501)]
    [InlineData("ORCPT=rfc822;a ORCPT=rfc822;a", 501)]
    [InlineData("ORCPT=utf-8;\\xC3\\xBC@b.example", 501)]
    [InlineData("ORCPT=utf-8;\\\\x{FC}@b.example", 250)]
    [InlineData("ORCPT=UTF-8;\\\\x{0436}\\\\x{10FFFF}\\\\x{5C}@b.example", 250)]
    [InlineData("ORCPT=utf-8;a\\\\x{0D}\\\\x{0A}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{00000D}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{7F}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{85}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{D800}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{110000}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{0041", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x{}@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\x0d@b.example", 501)]
    [InlineData("ORCPT=utf-8;a\\\\", 501)]
    [InlineData("ORCPT=rfc822;a\\\\b@b.example", 250)]
    [InlineData("SIZE=1", 555)]
    [InlineData("BODY=7BIT", 555)]
    [InlineData("X", 555)]
    public void A_parameter_of_RCPT_is_checked(string parameters, int code)
    {
        var owner = Mail("<a@b.example>");
        owner.Feed(Unescape($"RCPT TO:<ok@relay.example> {parameters}\\r\\n"));
        Assert.StartsWith($"S: {code} {(code == 250 ? "2.1.5" : "5.5.4")} ", owner.Transcript[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void DSN_parameters_are_kept_as_sent_and_route_nothing()
    {
        var owner = Mail("<a@b.example> RET=FULL");
        owner.Feed("RCPT TO:<ok@relay.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;n@victim.example\r\n"u8);
        var recipient = Assert.Single(owner.Dialogue.Recipients);
        Assert.Equal("ok@relay.example", recipient.Path.Text);
        Assert.Equal(DsnNotify.Success | DsnNotify.Delay, recipient.Notify);
        Assert.Equal("rfc822;n@victim.example", recipient.OriginalRecipient);
    }

    [Fact]
    public void ENVID_and_ORCPT_are_limited_at_100_and_500_characters()
    {
        Assert.StartsWith("S: 250", Mail($"<a@b.example> ENVID={Envid100}").Transcript[^1], StringComparison.Ordinal);
        Assert.StartsWith("S: 501", Mail($"<a@b.example> ENVID={Envid100}e").Transcript[^1], StringComparison.Ordinal);
        var owner = Mail("<a@b.example>");
        owner.Feed(Unescape($"RCPT TO:<ok@relay.example> ORCPT={Orcpt500}\\r\\n"));
        Assert.StartsWith("S: 250", owner.Transcript[^1], StringComparison.Ordinal);
        owner.Feed(Unescape($"RCPT TO:<ok@relay.example> ORCPT={Orcpt500}o\\r\\n"));
        Assert.StartsWith("S: 501", owner.Transcript[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<ü@b.example>", "553 5.6.7")]
    [InlineData("<a@bücher.example>", "553 5.6.7")]
    [InlineData("<ü@b.example> BODY=8BITMIME", "553 5.6.7")]
    [InlineData("<ü@b.example> SMTPUTF8", "250 2.1.0")]
    [InlineData("<a@bücher.example> BODY=8BITMIME SMTPUTF8", "250 2.1.0")]
    [InlineData("<a@BÜCHER.example> SMTPUTF8", "501 5.5.4")]
    [InlineData("<a@b.example> X=ü", "555 5.5.4")]
    public void A_sender_outside_ASCII_needs_SMTPUTF8(string argument, string reply) =>
        Assert.StartsWith("S: " + reply, Mail(argument).Transcript[^1], StringComparison.Ordinal);

    [Fact]
    public void A_recipient_outside_ASCII_needs_SMTPUTF8_on_MAIL()
    {
        var owner = Mail("<a@b.example>");
        owner.Feed(Unescape("RCPT TO:<ü@relay.example>\\r\\n"));
        Assert.StartsWith("S: 553 5.6.7", owner.Transcript[^1], StringComparison.Ordinal);
        owner = Mail("<a@b.example> SMTPUTF8");
        owner.Feed(Unescape("RCPT TO:<ü@relay.example> ORCPT=utf-8;ü@relay.example\\r\\n"));
        Assert.StartsWith("S: 250 2.1.5", owner.Transcript[^1], StringComparison.Ordinal);
        Assert.Equal("utf-8;ü@relay.example", Assert.Single(owner.Dialogue.Recipients).OriginalRecipient);
    }

    private static ScriptedOwner Mail(string argument)
    {
        var owner = Send(Unescape("EHLO x\\r\\n"));
        owner.Feed(Unescape($"MAIL FROM:{argument}\\r\\n"));
        return owner;
    }
}
