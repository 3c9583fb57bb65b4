using System.Text;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueAuthTests
{
    private const string User = "relay@b.test";
    private const string Password = "correct horse";

    private static readonly string Plain = Base64($"\0{User}\0{Password}");

    private static ClientDemands Demands(string user = User, string password = Password) =>
        new() { StartTls = StartTlsUse.Required, Credentials = new ClientCredentials(user, password) };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Secured(string offer) =>
        "S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250-AUTH PLAIN LOGIN\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nT:\n"
        + $"C: EHLO relay.test\nS: 250-mx.test\nS: 250 {offer}\n";

    private static ClientFailure Fails(string script) => ScriptedServer.Play(script, Demands(), Mail.To("a@b.test")).Failure!.Value;

    [Theory]
    [InlineData("AUTH PLAIN")]
    [InlineData("AUTH LOGIN PLAIN CRAM-MD5")]
    [InlineData("auth=plain")]
    public void Plain_is_preferred_and_goes_with_the_command(string offer)
    {
        var result = ScriptedServer.Play(Secured(offer) + $"C: AUTH PLAIN {Plain}\nS: 235 2.7.0 ok\nC: QUIT\nS: 221 bye", Demands());
        Assert.Equal(ClientStep.Closed, result.LastStep);
    }

    [Fact]
    public void Login_answers_two_challenges() => ScriptedServer.Play(
        Secured("AUTH X-OTHER LOGIN")
        + $"C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: {Base64(User)}\nS: 334 UGFzc3dvcmQ6\nC: {Base64(Password)}\nS: 235 ok\nC: QUIT",
        Demands());

    [Fact]
    public void What_does_not_fit_on_a_command_line_waits_for_its_challenge()
    {
        var (user, password) = (new string('u', 255), new string('p', 255));
        ScriptedServer.Play(
            Secured("AUTH PLAIN") + $"C: AUTH PLAIN\nS: 334 \nC: {Base64($"\0{user}\0{password}")}\nS: 235 ok\nC: QUIT", Demands(user, password));
    }

    [Theory]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250 AUTH PLAIN", StartTlsUse.Never)]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250 AUTH PLAIN", StartTlsUse.WhenOffered)]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250-STARTTLS\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\nC: STARTTLS\nS: 454 no", StartTlsUse.WhenOffered)]
    public void Credentials_are_never_sent_in_the_clear(string script, StartTlsUse use)
    {
        var result = ScriptedServer.Play(script, Demands() with { StartTls = use });
        Assert.Equal(ClientFailureKind.Authentication, result.Failure!.Value.Kind);
        Assert.Equal("451 4.7.11 Credentials are sent over TLS only, and the connection has none", result.Failure.Value.Reply.ToString());
        Assert.DoesNotContain("AUTH", result.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_made_in_the_clear_is_not_believed_behind_the_handshake()
    {
        var failure = Fails(Secured("SIZE"));
        Assert.Equal("451 4.7.4 The next hop offers neither AUTH PLAIN nor AUTH LOGIN", failure.Reply.ToString());
        Assert.Equal(ClientFailureKind.Authentication, failure.Kind);
    }

    [Theory]
    [InlineData("535 5.7.8 Wrong")]
    [InlineData("454 4.7.0 Try later")]
    [InlineData("534 5.7.9 Application-specific password required")]
    public void A_refusal_is_of_its_own_kind_and_keeps_its_words(string reply)
    {
        var failure = Fails(Secured("AUTH PLAIN") + $"C: AUTH PLAIN {Plain}\nS: {reply}");
        Assert.Equal((ClientFailureKind.Authentication, ClientStage.Auth, reply), (failure.Kind, failure.Stage, failure.Reply.ToString()));
    }

    [Theory]
    [InlineData("535 5.7.8", Password)]
    [InlineData("421 4.7.0", "CORRECT HORSE")]
    [InlineData("535 5.7.8", "{0}")]
    [InlineData("535 5.7.8", "{1}")]
    public void A_refusal_that_repeats_a_secret_loses_its_words(string code, string words)
    {
        var said = words.Replace("{0}", Plain, StringComparison.Ordinal).Replace("{1}", Base64(Password), StringComparison.Ordinal);
        var failure = Fails(Secured("AUTH PLAIN") + $"C: AUTH PLAIN {Plain}\nS: {code} you said {said}, no");
        Assert.Equal($"{code} AUTH refused", failure.Reply.ToString());
    }

    [Theory]
    [InlineData("334 more")]
    [InlineData("235 ok\nS: 235 again")]
    public void Answers_that_do_not_fit_fail_the_connection(string answer)
    {
        var failure = Fails(Secured("AUTH PLAIN") + $"C: AUTH PLAIN {Plain}\nS: {answer}");
        Assert.Equal("4.5.0", failure.Reply.Status.ToString());
    }

    [Fact]
    public void A_login_acknowledged_before_its_end_is_none() =>
        Assert.Equal("4.5.0", Fails(Secured("AUTH LOGIN") + $"C: AUTH LOGIN\nS: 334 x\nC: {Base64(User)}\nS: 235 ok").Reply.Status.ToString());

    [Theory]
    [InlineData("", "p")]
    [InlineData("u", "")]
    [InlineData("u", "a\0b")]
    [InlineData("u\r\nQUIT", "p")]
    public void Credentials_that_cannot_be_sent_are_refused_without_showing_them(string user, string password)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new ClientCredentials(user, password));
        Assert.Equal("A user name or password that cannot be sent.", refusal.Message);
        Assert.False(ClientCredentials.IsSendable(new string('ж', 128)));
    }

    [Fact]
    public void Credentials_do_not_show_themselves() =>
        Assert.DoesNotContain(Password, Demands().ToString(), StringComparison.Ordinal);
}
