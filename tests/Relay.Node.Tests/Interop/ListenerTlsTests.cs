using System.Globalization;
using Relay.Node.Tests.Encryption;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>Programs of others against the listeners 0 (Offered), 1 (Required) and 2 (Implicit).</summary>
[Trait("Category", "Interop")]
public sealed class ListenerTlsTests : IDisposable
{
    private readonly CertificateFolder _files = new();

    public void Dispose() => _files.Dispose();

    [InteropFact("sslscan")]
    public async Task Sslscan_finds_no_old_version_no_weak_suite_no_renegotiation_and_no_compression()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        for (var i = 0; i < 3; i++)
        {
            string[] starttls = i == 2 ? [] : ["--starttls-smtp"];
            var (code, output) = await ForeignProgram.RunAsync("sslscan", ["--no-colour", "--show-ciphers", .. starttls, $"127.0.0.1:{Port(node, i)}"]);
            Assert.True(code == 0, output);
            foreach (var version in new[] { "SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1" })
            {
                Assert.Matches($@"(?m)^{version}\s+disabled", output);
            }

            Assert.Matches(@"(?m)^TLSv1.2\s+enabled", output);
            Assert.Matches(@"(?m)^TLSv1.3\s+enabled", output);
            Assert.Contains("Session renegotiation not supported", output, StringComparison.Ordinal);
            var suites = output.Split('\n').Where(line => line.StartsWith("Accepted", StringComparison.Ordinal) || line.StartsWith("Preferred", StringComparison.Ordinal)).ToArray();
            Assert.Equal(6, suites.Length); // three of TLS 1.3, and three of TLS 1.2 for this kind of key
            Assert.All(suites, suite => Assert.Matches("TLS_(AES|CHACHA20)|ECDHE-ECDSA-(AES...-GCM|CHACHA20)", suite));
        }
    }

    [InteropFact("openssl")]
    public async Task Openssl_verifies_the_whole_chain_and_finds_no_compression()
    {
        await using var mail = ReceivedMail.Start();
        using var certificate = _files.Authority.For("mx.relay.example", TestCertificates.To, byIntermediate: true);
        _files.Write(certificate, _files.Authority.IntermediatePem);
        var root = Path.Combine(Path.GetDirectoryName(_files.CertificateFile)!, "root.pem");
        await File.WriteAllTextAsync(root, _files.Authority.RootPem);
        await using var node = await StartAsync(mail);
        for (var i = 0; i < 3; i++)
        {
            string[] starttls = i == 2 ? [] : ["-starttls", "smtp"];
            foreach (var version in new[] { "-tls1_2", "-tls1_3" })
            {
                var (_, output) = await ClientAsync(node, i, [.. starttls, version, "-CAfile", root, "-verify_return_error", "-verify_hostname", "mx.relay.example"]);
                Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
                Assert.Contains("Compression: NONE", output, StringComparison.Ordinal);
            }

            foreach (var group in new[] { "ffdhe2048", "ffdhe8192" })
            {
                var (code, _) = await ClientAsync(node, i, [.. starttls, "-tls1_3", "-groups", group]);
                Assert.NotEqual(0, code);
            }

            foreach (var version in new[] { "-tls1", "-tls1_1" })
            {
                var (code, output) = await ClientAsync(node, i, [.. starttls, version, "-cipher", "ALL:@SECLEVEL=0"]);
                Assert.NotEqual(0, code);
                Assert.Contains("alert protocol version", output, StringComparison.Ordinal);
            }

            foreach (var suite in new[] { "AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256", "aNULL", "eNULL" })
            {
                var (code, output) = await ClientAsync(node, i, [.. starttls, "-tls1_2", "-cipher", $"{suite}:@SECLEVEL=0"]);
                Assert.NotEqual(0, code);
                Assert.Contains("alert handshake failure", output, StringComparison.Ordinal);
            }
        }
    }

    [InteropFact("swaks")]
    public async Task Swaks_sends_under_TLS()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        for (var i = 0; i < 3; i++)
        {
            var (code, output) = await ForeignProgram.RunAsync(
                "swaks", "--server", "127.0.0.1", "--port", Port(node, i), "--from", "a@b.example", "--to", "u@relay.example", i == 2 ? "-tlsc" : "-tls");
            Assert.True(code == 0, output);
            Assert.Contains("with ESMTPS", ReceivedMail.Split(await mail.NextAsync()).Received, StringComparison.Ordinal);
        }

        var refused = await ForeignProgram.RunAsync(
            "swaks", "--server", "127.0.0.1", "--port", Port(node, 1), "--from", "a@b.example", "--to", "u@relay.example");
        Assert.Contains("530 5.7.0 Must issue a STARTTLS command first", refused.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, refused.ExitCode);
    }

    [InteropFact("curl")]
    public async Task Curl_sends_under_TLS_that_it_demands()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        var content = Path.Combine(Path.GetDirectoryName(_files.CertificateFile)!, "message.eml");
        await File.WriteAllTextAsync(content, "Subject: from curl\r\n\r\nhi\r\n");
        for (var i = 0; i < 3; i++)
        {
            var (code, output) = await ForeignProgram.RunAsync(
                "curl", "-sS", "--insecure", "--ssl-reqd", "--url", $"{(i == 2 ? "smtps" : "smtp")}://127.0.0.1:{Port(node, i)}/probe.example",
                "--mail-from", "a@b.example", "--mail-rcpt", "u@relay.example", "-T", content);
            Assert.True(code == 0, output);
            Assert.Contains("with ESMTPS", ReceivedMail.Split(await mail.NextAsync()).Received, StringComparison.Ordinal);
        }
    }

    private static string Port(RunningNode node, int listener) => node.Listeners[listener].Port.ToString(CultureInfo.InvariantCulture);

    // Its input ends at once, and it leaves when it has shaken hands.
    private static Task<(int ExitCode, string Output)> ClientAsync(RunningNode node, int listener, string[] arguments) =>
        ForeignProgram.RunAsync("sh", ["-c", $"openssl s_client -connect 127.0.0.1:{Port(node, listener)} \"$@\" </dev/null", "sh", .. arguments]);

    private Task<RunningNode> StartAsync(ReceivedMail mail) => RunningNode.StartAsync(
        RunningNode.PolicyTo(mail.Sink.BoundEndPoint),
        settings => settings with { Listeners = EncryptedListeners.All, Tls = _files.Section });
}
