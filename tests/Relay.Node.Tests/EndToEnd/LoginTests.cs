using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;
using Relay.Node.CommandLine.Api;
using Relay.Node.Logging;
using Relay.Node.Tests.Logging;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class LoginTests
{
    private const string Question = "/api/policy/explain?client=192.0.2.7&from=<>&to=u@relay.example";

    private static readonly string Right = $"AUTH PLAIN {Convert.ToBase64String("\0alice\0secret"u8)}";
    private static readonly string Wrong = $"AUTH PLAIN {Convert.ToBase64String("\0alice\0wrong"u8)}";

    [Theory]
    [InlineData("SCRAM-SHA-256", SubmissionNode.Submission)]
    [InlineData("PLAIN", SubmissionNode.Secure)]
    [InlineData("LOGIN", SubmissionNode.Public)]
    public async Task MailKit_logs_in_and_the_trace_says_so(string mechanism, int listener)
    {
        await using var node = await SubmissionNode.StartAsync();
        using var client = new SmtpClient { ServerCertificateValidationCallback = static (_, remote, _, _) => remote is not null };
        var how = listener == SubmissionNode.Secure ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;
        await client.ConnectAsync("127.0.0.1", node.Port(listener), how);
        Assert.Superset(new HashSet<string> { "PLAIN", "LOGIN", "SCRAM-SHA-256" }, client.AuthenticationMechanisms);

        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(Sasl(mechanism, "wrong")));
        await client.AuthenticateAsync(Sasl(mechanism, "secret"));

        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("", "alice@relay.example"));
        message.To.Add(new MailboxAddress("", "u@relay.example"));
        message.Body = new TextPart("plain") { Text = "hi" };
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
        Assert.Contains(" with ESMTPSA id ", Encoding.ASCII.GetString((await node.Mail.NextAsync()).Content.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SubmissionNode.Submission)]
    [InlineData(SubmissionNode.Secure)]
    public async Task Without_a_login_a_submission_listener_takes_nothing_for_our_own_domains_either(int listener)
    {
        await using var node = await SubmissionNode.StartAsync();
        await using var client = await node.EncryptedAsync(listener);
        foreach (var sender in new[] { "a@b.example", "" })
        {
            Assert.Equal("5.7.0 Authentication required", (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(530).Text);
        }

        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(503);
        (await client.CommandAsync("DATA")).MustBe(503);
    }

    [Fact]
    public async Task Before_TLS_nobody_logs_in()
    {
        await using var node = await SubmissionNode.StartAsync();
        await using var client = await SmtpTestClient.ConnectAsync(node.Node.Listeners[SubmissionNode.Public]);
        (await client.ReadReplyAsync()).MustBe(220);
        Assert.DoesNotContain("AUTH", (await client.CommandAsync("EHLO client.example")).MustBe(250).Text, StringComparison.Ordinal);
        (await client.CommandAsync(Right)).MustBe(538);
        await using var strict = await SmtpTestClient.GreetAsync(node.Node.Listeners[SubmissionNode.Submission]);
        (await strict.CommandAsync(Right)).MustBe(530);
    }

    [Fact]
    public async Task A_login_gives_the_right_to_relay_and_never_beats_it_and_identities_bind_senders()
    {
        await using var node = await SubmissionNode.StartAsync(
            """
            {
              "acceptedDomains": ["relay.example"],
              "relay": { "authenticated": true },
              "senders": { "identities": { "alice": ["alice@relay.example"] } },
              "routes": ROUTES
            }
            """);
        await using var client = await node.EncryptedAsync(SubmissionNode.Public);
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.CommandAsync(Right)).MustBe(235);
        (await client.CommandAsync("MAIL FROM:<boss@relay.example>")).MustBe(550); // F12
        (await client.SendMessageAsync("alice@relay.example", ["n@victim.example"], "From: <boss@relay.example>\r\n\r\nhi\r\n"u8.ToArray())).MustBe(550);
        (await client.SendMessageAsync("alice@relay.example", ["n@victim.example"], "From: Alice <alice@relay.example>\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        Assert.Equal("n@victim.example", Assert.Single((await node.Mail.NextAsync()).Envelope.Recipients).Path.Text);
        (await client.CommandAsync("EHLO again.example")).MustBe(250); // F6
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(250);
    }

    [Fact]
    public async Task Who_may_never_relay_may_not_with_a_login_and_reaches_our_own_domains()
    {
        await using var node = await SubmissionNode.StartAsync(
            """
            { "acceptedDomains": ["relay.example"], "relay": { "authenticated": true, "never": ["127.0.0.0/8"] }, "routes": ROUTES }
            """);
        await using var client = await node.EncryptedAsync(SubmissionNode.Submission);
        (await client.CommandAsync(Right)).MustBe(235);
        (await client.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
        (await client.CommandAsync("RCPT TO:<postmaster>")).MustBe(250);
    }

    [Fact]
    public async Task A_user_that_is_removed_or_changed_is_gone_at_once_and_another_of_its_name_does_not_bring_it_back()
    {
        await using var node = await SubmissionNode.StartAsync();
        await using var removed = await LoggedInAsync();
        await using var changed = await LoggedInAsync();
        await using var inMail = await LoggedInAsync();
        (await inMail.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(250);
        await node.AddAsync("bob", "another's change");
        (await removed.SendMessageAsync("alice@relay.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);

        await node.RemoveAsync("alice");
        (await removed.CommandAsync("MAIL FROM:<alice@relay.example>")).MustBe(421);
        Assert.Empty(await removed.ReadToEndAsync());
        await node.AddAsync("alice", "other");
        (await changed.CommandAsync("MAIL FROM:<>")).MustBe(421);
        (await inMail.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        await using var next = await node.EncryptedAsync(SubmissionNode.Submission);
        (await next.CommandAsync(Right)).MustBe(535);

        async Task<SmtpTestClient> LoggedInAsync()
        {
            var client = await node.EncryptedAsync(SubmissionNode.Submission);
            (await client.CommandAsync(Right)).MustBe(235);
            return client;
        }
    }

    [Fact]
    public async Task An_explanation_knows_what_a_listener_demands_and_who_there_is()
    {
        await using var node = await SubmissionNode.StartAsync();
        var refused = await node.Node.Api.GetFromJsonAsync<ExplainAnswer>(Question + "&listener=submission");
        Assert.Equal(("refuse", "530 5.7.0 Authentication required"), (refused!.Action, refused.Reply));
        Assert.EndsWith(":Authentication", refused.Rule, StringComparison.Ordinal);
        Assert.Equal("accept", (await node.Node.Api.GetFromJsonAsync<ExplainAnswer>(Question + "&listener=public"))!.Action);
        Assert.Equal("accept", (await node.Node.Api.GetFromJsonAsync<ExplainAnswer>(Question + "&listener=submission&user=Alice"))!.Action);
        using var unknown = await node.Node.Api.GetAsync(new Uri(Question + "&listener=submission&user=bob", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("There is no user bob.", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_are_there_after_a_restart()
    {
        await using var node = await SubmissionNode.StartAsync();
        await node.Node.RestartAsync();
        await using var client = await node.EncryptedAsync(SubmissionNode.Submission);
        (await client.CommandAsync(Right)).MustBe(235);
    }

    [Fact]
    public async Task Three_failures_end_a_connection_and_ten_keep_a_client_out()
    {
        await using var node = await SubmissionNode.StartAsync();
        for (var failures = 0; failures < 10;)
        {
            await using var client = await node.EncryptedAsync(SubmissionNode.Public);
            for (var i = 0; i < 3 && failures < 10; i++, failures++)
            {
                (await client.CommandAsync(Wrong)).MustBe(i < 2 ? 535 : 421);
            }
        }

        await using var late = await node.EncryptedAsync(SubmissionNode.Public);
        (await late.CommandAsync(Right)).MustBe(421);
        await using var mailer = await node.EncryptedAsync(SubmissionNode.Public);
        (await mailer.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
    }

    [Fact]
    public async Task An_unknown_user_cannot_be_told_from_a_wrong_password()
    {
        await using var node = await SubmissionNode.StartAsync();
        await using var client = await node.EncryptedAsync(SubmissionNode.Public);
        var wrong = await client.CommandAsync(Wrong);
        var unknown = await client.CommandAsync($"AUTH PLAIN {Convert.ToBase64String("\0nobody\0wrong"u8)}");
        Assert.Equal(wrong.Text, unknown.Text);
        wrong.MustBe(535);
    }

    [Fact]
    public async Task A_login_that_fails_has_a_line_with_client_user_and_mechanism()
    {
        var lines = new SessionLines();
        await using var node = await SubmissionNode.StartAsync(replace: services => services.AddSingleton<ILogger<SessionLog>>(lines));
        await using var client = await node.EncryptedAsync(SubmissionNode.Submission);
        (await client.CommandAsync(Wrong)).MustBe(535);
        var line = Assert.Single(lines.Written);
        Assert.StartsWith("refused client=127.0.0.1 helo=\"client.example\" reply=\"535 5.7.8 ", line, StringComparison.Ordinal);
        Assert.EndsWith(" user=\"alice\" mechanism=PLAIN rule=authentication", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_logs_in_the_user_of_its_name()
    {
        await using var node = await SubmissionNode.StartAsync();
        using var certificate = node.Certificates.Authority.ForClient("CN=any", static names => names.AddDnsName("printer.example"));
        await using var unknown = await node.EncryptedAsync(SubmissionNode.Submission, With(certificate));
        (await unknown.CommandAsync("AUTH EXTERNAL =")).MustBe(535);
        await node.AddAsync("printer.example", "nobody keeps it");
        await using var client = await node.EncryptedAsync(SubmissionNode.Submission, With(certificate));
        Assert.Contains("EXTERNAL", (await client.CommandAsync("EHLO client.example")).MustBe(250).Text, StringComparison.Ordinal);
        (await client.CommandAsync($"AUTH EXTERNAL {Convert.ToBase64String("alice"u8)}")).MustBe(535);
        (await client.CommandAsync("AUTH EXTERNAL =")).MustBe(235);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        await using var without = await node.EncryptedAsync(SubmissionNode.Submission);
        (await without.CommandAsync("AUTH EXTERNAL =")).MustBe(504);
    }

    private static SslClientAuthenticationOptions With(X509Certificate2 certificate) => new() { ClientCertificates = [certificate] };

    private static SaslMechanism Sasl(string mechanism, string password) => mechanism switch
    {
        "PLAIN" => new SaslMechanismPlain("alice", password),
        "LOGIN" => new SaslMechanismLogin("alice", password),
        _ => new SaslMechanismScramSha256("alice", password),
    };
}
