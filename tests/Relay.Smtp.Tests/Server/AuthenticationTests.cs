using System.Text;
using Relay.Smtp.Commands;
using Relay.Smtp.Server;
using Relay.TestKit.Smtp;
using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

public sealed class AuthenticationTests
{
    private const string HelloOverTls = Tls + HelloWithAuth;

    // \0user\0pencil and \0user\0wrong
    private const string Right = "AHVzZXIAcGVuY2ls";
    private const string Wrong = "AHVzZXIAd3Jvbmc=";

    private const string LoggedIn = HelloOverTls + $"""
        C: AUTH PLAIN {Right}
        =: login user
        S: 235 2.7.0 *

        """;

    private static readonly ServerDialogueOptions Offered =
        Options with { OfferStartTls = true, OfferAuthentication = true, FailedLoginsMax = 3 };

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void PLAIN_with_and_without_initial_response(string space) => Run(
        HelloOverTls + $"""
        C: auth plain{space}
        S: 334 *
        C: {Right}
        =: login user
        S: 235 2.7.0 *
        """,
        Offered);

    [Fact]
    public void LOGIN_asks_for_name_and_password() => Run(
        HelloOverTls + """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: VVNFUg==
        S: 334 UGFzc3dvcmQ6
        C: cGVuY2ls
        =: login user
        S: 235 2.7.0 *
        """,
        Offered);

    [Fact]
    public void LOGIN_takes_the_name_as_initial_response() => Run(
        HelloOverTls + """
        C: AUTH LOGIN dXNlcg==
        S: 334 UGFzc3dvcmQ6
        C: cGVuY2ls
        =: login user
        S: 235 2.7.0 *
        """,
        Offered);

    [Fact]
    public void The_example_of_RFC_7677() => Run(
        HelloOverTls + $"""
        C: AUTH SCRAM-SHA-256 {Base64("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")}
        S: 334 {Base64("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")}
        C: {Base64("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")}
        S: 334 {Base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")}
        R: \r\n
        =: login user
        S: 235 2.7.0 *
        """,
        Offered);

    [Fact]
    public void A_wrong_proof_is_decided_at_once_and_looks_like_an_unknown_user()
    {
        foreach (var name in new[] { "user", "nobody" })
        {
            var client = new ScramTestClient(name, "wrong");
            var salt = name == "user" ? "W22ZaJ0SNY7soEsUEjb6gQ==" : Convert.ToBase64String(new byte[16]);
            var serverFirst = $"r=rOprNGfwEbeRWgbNEkqO{ScriptedOwner.Nonce},s={salt},i=4096";
            Run(
                HelloOverTls + $"""
                C: AUTH SCRAM-SHA-256
                S: 334 *
                C: {Base64(client.First)}
                S: 334 {Base64(serverFirst)}
                C: {Base64(client.Final(serverFirst))}
                S: 535 5.7.8 Authentication credentials invalid
                """,
                Offered);
        }
    }

    [Fact]
    public void EXTERNAL_is_there_for_a_verified_certificate_only()
    {
        Run(HelloOverTls + "C: AUTH EXTERNAL =\nS: 504 5.5.4 *\n", Offered);
        Run(
            HelloOverTls.Replace("SHA-256", "SHA-256 EXTERNAL", StringComparison.Ordinal) + $"""
            C: AUTH EXTERNAL {Base64("other.example")}
            S: 535 5.7.8 *
            C: AUTH EXTERNAL
            S: 334 *
            C: {Base64("Cert.Example")}
            =: login cert.example
            S: 235 2.7.0 *
            """,
            Offered,
            identity: "cert.example");
        Run(
            HelloOverTls.Replace("SHA-256", "SHA-256 EXTERNAL", StringComparison.Ordinal) + """
            C: AUTH EXTERNAL =
            =: login cert.example
            S: 235 2.7.0 *
            """,
            Offered,
            identity: "cert.example");
    }

    [Fact]
    public void Without_TLS_AUTH_is_neither_offered_nor_taken() => Run(
        Tls[..Tls.IndexOf("C: STARTTLS", StringComparison.Ordinal)] + $"C: AUTH PLAIN {Right}\nS: 538 5.7.11 *\n", Offered);

    [Fact]
    public void A_listener_without_authentication_has_no_AUTH() => Run(
        HelloOverTls.Replace("S: 250-AUTH PLAIN LOGIN SCRAM-SHA-256\n", "", StringComparison.Ordinal) + $"C: AUTH PLAIN {Right}\nS: 502 5.5.1 *\n",
        Offered with { OfferAuthentication = false });

    [Theory]
    [InlineData("", 503)]
    [InlineData("C: HELO client.example\nS: 250 *\n", 503)]
    public void AUTH_waits_for_EHLO(string before, int code) =>
        Run(Tls + before + $"C: AUTH PLAIN {Right}\nS: {code} 5.5.1 *\n", Offered);

    [Fact]
    public void AUTH_is_not_for_the_middle_of_a_mail() => Run(
        HelloOverTls + $"""
        C: MAIL FROM:<a@b.example>
        S: 250 2.1.0 *
        C: AUTH PLAIN {Right}
        S: 503 5.5.1 *
        C: RCPT TO:<u@relay.example>
        S: 250 2.1.5 *
        C: AUTH PLAIN {Right}
        S: 503 5.5.1 *
        """,
        Offered);

    [Fact]
    public void Who_is_logged_in_stays_so_over_RSET_and_EHLO_and_does_not_log_in_again() => Run(
        LoggedIn + $"""
        C: RSET
        S: 250 2.0.0 *
        C: AUTH PLAIN {Right}
        S: 503 5.5.1 Already authenticated
        """ + "\n" + Hello + $"""
        C: AUTH LOGIN
        S: 503 5.5.1 Already authenticated
        C: STARTTLS
        S: 503 5.5.1 *
        C: MAIL FROM:<a@b.example> AUTH=<>
        S: 250 2.1.0 *
        """,
        Offered with { RequireAuthentication = true });

    [Fact]
    public void A_cancellation_that_comes_late_ends_nothing() => Run(
        HelloOverTls + $"""
        C: AUTH PLAIN {Wrong}
        S: 535 5.7.8 *
        C: *
        S: 501 5.5.2 No authentication to cancel
        C: **
        S: 500 5.5.2 *
        C: NOOP
        S: 250 2.0.0 *
        """,
        Offered);

    [Fact]
    public void A_cancellation_of_what_never_began_ends_nothing_either() => Run(
        HelloBeforeTls + $"""
        C: AUTH PLAIN {Right}
        S: 538 5.7.11 *
        C: *
        S: 501 5.5.2 No authentication to cancel
        C: NOOP
        S: 250 2.0.0 *
        """,
        Offered);

    [Fact]
    public void Where_there_is_no_AUTH_a_star_is_another_protocol() => Run(
        HelloBeforeTls + """
        C: *
        S: 521 5.5.2 *
        =: close
        """,
        Options with { OfferStartTls = true });

    [Fact]
    public void Where_TLS_must_come_first_the_demand_for_a_login_says_so() => Run(
        HelloBeforeTls + """
        C: MAIL FROM:<a@b.example>
        S: 530 5.7.0 Authentication required: STARTTLS first
        """,
        Offered with { RequireAuthentication = true });

    [Theory]
    [InlineData("AUTH=<>", "250 2.1.0")]
    [InlineData("auth=e+3Dmc2@b.example", "250 2.1.0")]
    [InlineData("AUTH=a+zz", "501 5.5.4")]
    [InlineData("AUTH=", "501 5.5.4")]
    [InlineData("AUTH=<> AUTH=<>", "501 5.5.4")]
    public void A_submitter_may_be_named_where_AUTH_is_offered_and_is_nobody(string parameter, string reply) => Run(
        HelloOverTls + $"""
        C: MAIL FROM:<a@b.example> {parameter}
        S: {reply} *
        """,
        Offered);

    [Fact]
    public void A_submitter_is_an_unknown_parameter_where_AUTH_is_not_offered() => Run(
        HelloBeforeTls + """
        C: MAIL FROM:<a@b.example> AUTH=<>
        S: 555 5.5.4 *
        """,
        Offered);

    [Fact]
    public void Nothing_is_mailed_without_AUTH_where_it_is_required() => Run(
        HelloOverTls + $"""
        C: MAIL FROM:<a@b.example>
        C: RCPT TO:<u@relay.example>
        S: 530 5.7.0 Authentication required
        S: 503 5.5.1 *
        C: AUTH PLAIN {Wrong}
        S: 535 5.7.8 *
        C: MAIL FROM:<>
        S: 530 5.7.0 Authentication required
        """,
        Offered with { RequireAuthentication = true });

    [Theory]
    [InlineData("*")]
    [InlineData("!")]
    [InlineData("AHVzZXIAcGVuY2l")]
    [InlineData("AHVzZXIAcGVuY2k=AAAA")]
    [InlineData("AHVzZXIAcGVuY2l=")] // the last character has bits that mean nothing
    [InlineData("AHVzZXIAcGVu Y2ls")]
    [InlineData("=")]
    [InlineData("")]
    [InlineData("AAAA")] // three NULs
    [InlineData("dXNlcgBwZW5jaWw=")] // one NUL
    [InlineData("AHVzZXIA")] // no password
    [InlineData("AABwZW5jaWw=")] // no name
    [InlineData("AHVzZXIAcGVuY2lsAA==")] // a NUL in the password
    [InlineData("AMMAcA==")] // not UTF-8
    public void What_is_cancelled_or_cannot_be_read_gets_501_and_the_conversation_goes_on(string response) => Run(
        HelloOverTls + $"""
        C: AUTH PLAIN
        S: 334 *
        R: {response}\r\n
        S: 501 5.5.2 *
        C: NOOP
        S: 250 2.0.0 *
        C: AUTH PLAIN {Right}
        =: login user
        S: 235 2.7.0 *
        """,
        Offered);

    [Theory]
    [InlineData("AUTH", "501 5.5.4")]
    [InlineData("AUTH GSSAPI", "504 5.5.4")]
    [InlineData("AUTH PLAINER", "504 5.5.4")]
    [InlineData("AUTH SCRAM-SHA-256-PLUS", "504 5.5.4")]
    [InlineData("AUTH PLAIN = =", "501 5.5.2")]
    [InlineData("AUTH PLAIN =", "501 5.5.2")]
    [InlineData("AUTH LOGIN =", "501 5.5.2")]
    [InlineData("AUTH PLAIN b3RoZXIAdXNlcgBwZW5jaWw=", "535 5.7.8")] // to act as another
    public void A_bad_AUTH_is_refused(string line, string reply) => Run(HelloOverTls + $"C: {line}\nS: {reply} *\n", Offered);

    [Fact]
    public void Who_acts_as_himself_may() => Run(
        HelloOverTls + $"C: AUTH PLAIN {Base64("USER\0user\0pencil")}\n=: login user\nS: 235 2.7.0 *\n", Offered);

    [Fact]
    public void The_third_failure_ends_the_connection() => Run(
        HelloOverTls + $"""
        C: AUTH PLAIN {Wrong}
        S: 535 5.7.8 *
        C: AUTH PLAIN *
        S: 501 5.5.2 *
        C: AUTH LOGIN bm9ib2R5
        S: 334 *
        C: cGVuY2ls
        S: 535 5.7.8 *
        C: AUTH PLAIN {Wrong}
        S: 421 4.7.0 Too many failed logins
        =: close
        """,
        Offered);

    [Fact]
    public void A_hundred_mechanisms_end_the_connection_as_a_hundred_other_errors_do()
    {
        var script = new StringBuilder(HelloOverTls);
        for (var i = 0; i < 20; i++)
        {
            script.Append("C: AUTH X").Append(i).Append("\nS: 504 5.5.4 *\n");
        }

        Run(script + "C: AUTH X\nS: 421 4.7.0 *\n=: close\n", Offered);
    }

    [Fact]
    public void Our_trouble_is_temporary_and_no_failure() => Run(
        HelloOverTls + string.Concat(Enumerable.Repeat($"C: AUTH PLAIN {Base64("\0busy\0p")}\nS: 454 4.7.0 *\n", 5))
        + $"C: AUTH SCRAM-SHA-256 {Base64("n,,n=busy,r=x")}\nS: 454 4.7.0 *\nC: AUTH SCRAM-SHA-256 {Base64("n,,n=leave,r=x")}\nS: 421 4.7.0 *\n=: close\n",
        Offered);

    [Fact]
    public void Lines_have_12288_octets_and_the_rest_of_a_longer_one_is_no_command()
    {
        var longest = new string('A', CommandLimits.AuthLineMax - 2);
        var prefix = "AUTH PLAIN ";
        Run(
            HelloOverTls + $"""
            C: AUTH PLAIN
            S: 334 *
            C: {longest[..^2]}
            S: 501 5.5.2 *
            C: AUTH PLAIN
            S: 334 *
            C: {longest}A
            S: 500 5.5.6 *
            C: {prefix}{longest[prefix.Length..]}
            S: 501 5.5.2 *
            C: {prefix}{longest[prefix.Length..]}A
            S: 500 5.5.6 *
            C: {prefix}{longest}{longest}
            S: 500 5.5.6 *
            C: AUTH PLAIN {Right}
            =: login user
            S: 235 2.7.0 *
            """,
            Offered);
    }

    [Fact]
    public void A_line_without_an_end_is_given_up()
    {
        var endless = new string('A', CommandLimits.EndlessLineMax + 1);
        RunWhole(HelloOverTls + $"C: AUTH PLAIN\nS: 334 *\nR: {endless}\nS: 500 5.5.2 *\n=: close\n", Offered);
    }

    [Fact]
    public void A_bare_line_end_in_a_response_ends_the_connection() => Run(
        HelloOverTls + "C: AUTH PLAIN\nS: 334 *\nR: AHVz\\nZXIA\\r\\n\nS: 500 5.5.2 *\n=: close\n", Offered);

    [Fact]
    public void What_is_sent_before_the_reply_to_AUTH_ends_the_connection()
    {
        RunWhole(HelloOverTls + $"C: AUTH PLAIN {Right}\nC: MAIL FROM:<a@b.example>\nS: 554 5.5.0 *\n=: close\n", Offered);
        RunWhole(HelloOverTls + $"C: AUTH PLAIN\nS: 334 *\nC: {Right}\nC: MAIL FROM:<a@b.example>\nS: 554 5.5.0 *\n=: close\n", Offered);
    }

    [Fact]
    public void Between_two_responses_nothing_is_lost_by_a_drain_and_no_body_is_awaited()
    {
        var owner = new ScriptedOwner(new ServerDialogue(Offered, Limits));
        foreach (var line in new[] { "EHLO x\r\n", "STARTTLS\r\n", "EHLO x\r\n", "AUTH PLAIN\r\n" })
        {
            owner.Feed(Encoding.ASCII.GetBytes(line));
        }

        Assert.True(owner.Dialogue.IsBetweenTransactions);
        Assert.False(owner.Dialogue.IsInBody);
        Assert.Null(owner.Dialogue.User);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
