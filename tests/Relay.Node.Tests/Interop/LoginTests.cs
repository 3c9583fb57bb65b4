using System.Globalization;
using System.Text;
using Relay.Node.Tests.EndToEnd;

namespace Relay.Node.Tests.Interop;

[Trait("Category", "Interop")]
public sealed class LoginTests
{
    [InteropFact("swaks")]
    public async Task Swaks_logs_in()
    {
        await using var node = await SubmissionNode.StartAsync();
        foreach (var mechanism in new[] { "PLAIN", "LOGIN" })
        {
            var (code, output) = await Swaks(node, mechanism, "secret");
            Assert.True(code == 0, output);
            Assert.Contains(" with ESMTPSA id ", Encoding.ASCII.GetString((await node.Mail.NextAsync()).Content.Span), StringComparison.Ordinal);
            (code, output) = await Swaks(node, mechanism, "wrong");
            // 28: the login was refused.
            Assert.True(code == 28, output);
            Assert.Contains("535 5.7.8", output, StringComparison.Ordinal);
        }
    }

    [InteropFact("curl")]
    public async Task Curl_logs_in()
    {
        await using var node = await SubmissionNode.StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "Subject: from curl\r\n\r\nhi\r\n");
            foreach (var url in new[] { $"smtp://127.0.0.1:{Port(node, SubmissionNode.Submission)}", $"smtps://127.0.0.1:{Port(node, SubmissionNode.Secure)}" })
            {
                foreach (var mechanism in new[] { "PLAIN", "LOGIN" })
                {
                    var (code, output) = await ForeignProgram.RunAsync(
                        "curl", "-sS", "--ssl-reqd", "--insecure", "--url", url, "--user", "alice:secret", "--login-options", $"AUTH={mechanism}",
                        "--mail-from", "alice@relay.example", "--mail-rcpt", "u@relay.example", "-T", file);
                    Assert.True(code == 0, output);
                    Assert.Contains("from curl", Encoding.ASCII.GetString((await node.Mail.NextAsync()).Content.Span), StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [InteropFact("python3")]
    public async Task Pythons_smtplib_logs_in_and_is_told_when_it_may_not()
    {
        await using var node = await SubmissionNode.StartAsync();
        var (code, output) = await ForeignProgram.RunAsync(
            "python3",
            "-c",
            $"""
            import smtplib, ssl
            c = ssl._create_unverified_context()
            with smtplib.SMTP("127.0.0.1", {Port(node, SubmissionNode.Submission)}) as s:
                s.starttls(context=c)
                try:
                    s.login("alice", "wrong")
                    raise SystemExit("a wrong password logged in")
                except smtplib.SMTPAuthenticationError as e:
                    assert e.smtp_code == 535, e
            with smtplib.SMTP_SSL("127.0.0.1", {Port(node, SubmissionNode.Secure)}, context=c) as s:
                s.login("alice", "secret")
                s.sendmail("alice@relay.example", ["u@relay.example"], b"Subject: from python\r\n\r\nx\r\n")
            """);
        Assert.True(code == 0, output);
        Assert.Contains("from python", Encoding.ASCII.GetString((await node.Mail.NextAsync()).Content.Span), StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> Swaks(SubmissionNode node, string mechanism, string password) => ForeignProgram.RunAsync(
        "swaks", "--server", "127.0.0.1", "--port", Port(node, SubmissionNode.Submission), "-tls", "--auth", mechanism, "-au", "alice", "-ap", password,
        "--from", "alice@relay.example", "--to", "u@relay.example");

    private static string Port(SubmissionNode node, int listener) => node.Port(listener).ToString(CultureInfo.InvariantCulture);
}
