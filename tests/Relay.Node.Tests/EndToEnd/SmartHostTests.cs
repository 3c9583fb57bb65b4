using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Node.CommandLine.Api;
using Relay.Node.Tests.Crash;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>AUTH to a smart host: over TLS only, and its trouble is never the mail's.</summary>
public sealed class SmartHostTests
{
    private const string Password = "pass word";

    [Theory]
    [InlineData("may", "PLAIN", false)]
    [InlineData("encrypt", "LOGIN", true)]
    public async Task We_prove_who_we_are_over_TLS(string tls, string mechanism, bool isLogin)
    {
        var said = new TaskCompletionSource<string>();
        using var certificates = new TestCertificates();
        using var certificate = certificates.For("127.0.0.1");
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync($"250-hop.example\r\n250-AUTH {mechanism}\r\n250 STARTTLS", "220 Go");
            await peer.StartTlsAsync(certificate);
            await peer.ReadLineAsync();
            await peer.SendAsync($"250-hop.example\r\n250 AUTH {mechanism}\r\n");
            var auth = await peer.ReadLineAsync();
            if (isLogin)
            {
                await peer.SendAsync("334 VXNlcm5hbWU6\r\n");
                auth += " " + await peer.ReadLineAsync();
                await peer.SendAsync("334 UGFzc3dvcmQ6\r\n");
                auth += " " + await peer.ReadLineAsync();
            }

            said.TrySetResult(auth);
            await peer.SendAsync("235 2.7.0 Ok\r\n");
            await TakeMailAsync(peer);
        });
        await using var node = await RunningNode.StartAsync(Policy(hop, tls));
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "smarthost.password"), Password + "\r\nanother line\n");
        await NextHops.SendAsync(node, "u@d0.example");
        await node.EmptyAsync();
        Assert.Equal(
            isLogin ? $"AUTH LOGIN {Base64("relay")} {Base64(Password)}" : $"AUTH PLAIN {Base64("\0relay\0" + Password)}",
            await said.Task);
    }

    [Theory]
    [InlineData("may")]
    [InlineData("encrypt")]
    public async Task No_password_goes_to_a_smart_host_without_TLS(string tls)
    {
        var heard = new List<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250 AUTH PLAIN LOGIN");
            heard.Add(await peer.ReadLineAsync());
        });
        await using var node = await RunningNode.StartAsync(Policy(hop, tls));
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "smarthost.password"), Password);
        await NextHops.SendAsync(node, "u@d0.example");
        Assert.Equal("451 4.7.4 TLS is required, and the next hop does not offer it", (await DeferredAsync(node)).LastReply);
        Assert.Empty(heard);
    }

    [Fact]
    public async Task A_password_that_is_not_there_makes_mail_wait_until_it_is()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.For("127.0.0.1");
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await OfferPlainAsync(peer, certificate);
            var isRight = await peer.ReadLineAsync() == $"AUTH PLAIN {Base64("\0relay\0" + Password)}";
            await peer.SendAsync(isRight ? "235 2.7.0 Ok\r\n" : "535 5.7.8 No\r\n");
            await TakeMailAsync(peer);
        });
        await using var node = await RunningNode.StartAsync(Policy(hop, "encrypt"));
        await NextHops.SendAsync(node, "u@d0.example");
        Assert.Equal("451 4.7.0 Our credentials for the next hop cannot be read", (await DeferredAsync(node)).LastReply);
        Assert.Equal(0, hop.Connections);
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "smarthost.password"), "wrong");
        await node.QueuedAsync(message => message.Recipients[0].LastReply == "535 5.7.8 No");
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "smarthost.password"), Password);
        await node.EmptyAsync();
    }

    [Fact]
    public async Task A_refusal_is_an_error_of_the_log_and_the_password_is_nowhere()
    {
        using var certificates = new TestCertificates();
        using var certificate = certificates.For("127.0.0.1");
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await OfferPlainAsync(peer, certificate);
            var auth = await peer.ReadLineAsync();
            await peer.SendAsync($"535 5.7.8 Who is {auth} with {Password}?\r\n");
        });
        var folder = Directory.CreateTempSubdirectory("relay-auth-").FullName;
        await File.WriteAllTextAsync($"{folder}/smarthost.password", Password);
        await File.WriteAllTextAsync($"{folder}/policy.json", Policy(hop, "encrypt"));
        await using (var relay = await RelayProcess.StartAsync(
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={folder}/policy.json",
            "--Spool:QuotaBytes=256 MiB", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0"))
        {
            await using (var client = await SmtpTestClient.GreetAsync(relay.Smtp))
            {
                (await client.SendMessageAsync("a@b.example", ["u@d0.example"], NextHops.Content)).MustBe(250);
            }

            await Eventually.TrueAsync(
                () => relay.Output.Contains("deferred from=<a@b.example> to=<u@d0.example>", StringComparison.Ordinal), () => relay.Output, seconds: 60);

            Assert.Equal(0, await relay.TerminateAsync());
            Assert.Contains("ERR", Line(relay, "AUTH at 127.0.0.1[127.0.0.1]"), StringComparison.Ordinal);
            Assert.Contains("stage=Auth reply=\"535 5.7.8 AUTH refused\"", Line(relay, "deferred from="), StringComparison.Ordinal);
            Assert.DoesNotContain(Password, relay.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Base64("\0relay\0" + Password), relay.Output, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string Line(RelayProcess relay, string part) =>
        relay.Output.Split('\n').First(line => line.Contains(part, StringComparison.Ordinal));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Policy(ScriptedServer hop, string tls) => NextHops.Policy(
        "1s", ($"smtp://{hop.EndPoint}", $$""", "tls": "{{tls}}", "auth": { "user": "relay", "passwordFile": "smarthost.password" }"""));

    private static async Task<QueuedRecipient> DeferredAsync(RunningNode node)
    {
        var tried = await NextHops.TriedAsync(node, "u@d0.example");
        Assert.Equal("deferred", tried.State);
        return tried;
    }

    private static async Task OfferPlainAsync(ScriptedPeer peer, X509Certificate2 certificate)
    {
        await peer.AnswerAsync("250-hop.example\r\n250 STARTTLS", "220 Go");
        await peer.StartTlsAsync(certificate);
        await peer.ReadLineAsync();
        await peer.SendAsync("250-hop.example\r\n250 AUTH PLAIN\r\n");
    }

    private static async Task TakeMailAsync(ScriptedPeer peer)
    {
        foreach (var reply in new[] { NextHops.Ok, NextHops.Ok, "354 Go" })
        {
            await peer.ReadLineAsync();
            await peer.SendAsync(reply + "\r\n");
        }

        await peer.ReadBodyAsync();
        await peer.SendAsync(NextHops.Ok + "\r\n");
    }
}
