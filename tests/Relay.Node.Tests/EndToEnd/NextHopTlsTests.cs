using System.Collections.Concurrent;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Relay.Node.Tests.Crash;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>STARTTLS to next hops, at each level that a route can demand.</summary>
public sealed class NextHopTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly X509Certificate2 _certificate;

    public NextHopTlsTests() => _certificate = _certificates.For("localhost");

    public void Dispose()
    {
        _certificate.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("none", "EHLO MAIL")]
    [InlineData("may", "EHLO STARTTLS tls EHLO MAIL")]
    [InlineData("encrypt", "EHLO STARTTLS tls EHLO MAIL")]
    public async Task A_route_without_proof_uses_what_it_demands(string level, string expected)
    {
        var heard = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, heard));
        await using var node = await RunningNode.StartAsync(To("127.0.0.1", hop, level));
        await NextHops.SendAsync(node, "u@d0.example");
        await node.EmptyAsync();
        Assert.Equal(expected, string.Join(' ', heard));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_TLS_are_spoken_and_the_host_is_named(SslProtocols version)
    {
        var named = new TaskCompletionSource<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await ServeAsync(peer, [], version);
            named.TrySetResult(peer.NamedHost);
        });
        await using var node = await RunningNode.StartAsync(To("localhost", hop, "encrypt"));
        await NextHops.SendAsync(node, "u@d0.example");
        await node.EmptyAsync();
        Assert.Equal("localhost", await named.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_enough_for_verify()
    {
        var heard = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, heard));
        await using var node = await RunningNode.StartAsync(To("localhost", hop, "verify"));
        await NextHops.SendAsync(node, "u@d0.example");
        var tried = await NextHops.TriedAsync(node, "u@d0.example");
        Assert.Equal("deferred", tried.State);
        Assert.StartsWith("451 4.7.5 The TLS handshake with localhost[127.0.0.1]", tried.LastReply, StringComparison.Ordinal);
        Assert.EndsWith("the certificate is not valid for localhost: no root of this system vouches for it, or its time is over", tried.LastReply, StringComparison.Ordinal);
        Assert.DoesNotContain("MAIL", heard);
    }

    [Fact]
    public async Task Verify_takes_a_certificate_of_the_systems_roots_for_the_name_and_for_no_other()
    {
        var heard = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(peer => ServeAsync(peer, heard));
        await using var other = ScriptedServer.Start(peer => ServeAsync(peer, heard));
        var folder = Directory.CreateTempSubdirectory("relay-tls-").FullName;
        await File.WriteAllTextAsync($"{folder}/roots.pem", _certificates.RootPem);
        await File.WriteAllTextAsync(
            $"{folder}/policy.json",
            NextHops.Policy("1h", ($"smtp://localhost:{hop.EndPoint.Port}", Tls("verify")), ($"smtp://127.0.0.1:{other.EndPoint.Port}", Tls("verify"))));
        await using (var relay = await RelayProcess.StartWithAsync(
            $"SSL_CERT_FILE={folder}/roots.pem", "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={folder}/policy.json",
            "--Spool:QuotaBytes=256 MiB", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0"))
        {
            await using (var client = await SmtpTestClient.GreetAsync(relay.Smtp))
            {
                (await client.SendMessageAsync("a@b.example", ["u@d0.example", "v@d1.example"], NextHops.Content)).MustBe(250);
            }

            await Eventually.TrueAsync(
                () => relay.Output.Contains("delivered from=<a@b.example> to=<u@d0.example>", StringComparison.Ordinal)
                    && relay.Output.Contains("deferred from=<a@b.example> to=<v@d1.example>", StringComparison.Ordinal),
                () => relay.Output,
                seconds: 60);

            var lines = relay.Output.Split('\n');
            Assert.Matches(
                @"age=[\d.]+s delays=[\d.]+/[\d.]+/[\d.]+/[\d.]+ tls=""TLS 1\.3 TLS_\w+ verified"" stage=EndOfData",
                lines.Single(line => line.Contains("delivered from", StringComparison.Ordinal)));
            Assert.Contains(
                "the certificate is not valid for 127.0.0.1: it is for another name",
                lines.Single(line => line.Contains("deferred from", StringComparison.Ordinal)),
                StringComparison.Ordinal);
        }

        Assert.Single(heard, "MAIL");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("none", "delivered")]
    [InlineData("may", "delivered")]
    [InlineData("encrypt", "451 4.7.4 TLS is required, and the next hop does not offer it")]
    [InlineData("verify", "451 4.7.4 TLS is required, and the next hop does not offer it")]
    public async Task Where_TLS_is_not_offered_the_level_decides(string level, string fate)
    {
        await using var hop = ScriptedServer.Start(peer => TakeMailAsync(peer, "250 hop.example", []));
        await AssertFateAsync(To("127.0.0.1", hop, level), fate);
    }

    [Theory]
    [InlineData("may", "delivered")]
    [InlineData("encrypt", "451 4.7.4 TLS is required, and the next hop refused it: 454 4.7.0 Not now")]
    public async Task Where_TLS_is_refused_the_level_decides(string level, string fate)
    {
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250 STARTTLS", "454 4.7.0 Not now");
            await TakeTransactionAsync(peer, []);
        });
        await AssertFateAsync(To("127.0.0.1", hop, level), fate);
        Assert.Equal(1, hop.Connections);
    }

    [Theory]
    [InlineData("may", 2, "delivered")]
    [InlineData("encrypt", 1, "451 4.7.5 The TLS handshake with 127.0.0.1[127.0.0.1]")]
    [InlineData("verify", 1, "451 4.7.5 The TLS handshake with 127.0.0.1[127.0.0.1]")]
    public async Task A_handshake_that_fails_is_followed_by_a_connection_without_TLS_for_may_alone(string level, int connections, string fate)
    {
        var onFirst = new ConcurrentQueue<string>();
        var count = 0;
        await using var hop = ScriptedServer.Start(async peer =>
        {
            if (Interlocked.Increment(ref count) > 1)
            {
                await TakeMailAsync(peer, "250-hop.example\r\n250 STARTTLS", []);
                return;
            }

            await peer.AnswerAsync("250-hop.example\r\n250 STARTTLS", "220 Go");
            await peer.ReadOctetsAsync(1);
            await peer.SendAsync("250 this is no handshake\r\n");
            onFirst.Enqueue(await peer.ReadLineAsync());
        });
        await AssertFateAsync(To("127.0.0.1", hop, level), fate);
        Assert.Equal(connections, hop.Connections);
        Assert.DoesNotContain(onFirst, line => line.Contains("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("421 4.7.0 No TLS today", "may", "delivered")]
    [InlineData("421 4.7.0 No TLS today", "encrypt", "421 4.7.0 No TLS today")]
    [InlineData("421 4.7.0 No TLS today", "verify", "421 4.7.0 No TLS today")]
    [InlineData("close", "may", "delivered")]
    [InlineData("close", "encrypt", "421 4.4.2")]
    [InlineData("reset", "may", "delivered")]
    [InlineData("reset", "encrypt", "421 4.4.2")]
    [InlineData("reset behind 220", "may", "delivered")]
    [InlineData("reset behind the handshake", "may", "delivered")]
    [InlineData("reset behind the handshake", "encrypt", "421 4.4.2")]
    public async Task A_connection_that_breaks_over_STARTTLS_is_followed_by_one_without_for_may_alone(string fault, string level, string fate)
    {
        var connections = 0;
        var heard = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            if (Interlocked.Increment(ref connections) > 1)
            {
                await TakeMailAsync(peer, "250-hop.example\r\n250 STARTTLS", heard);
                return;
            }

            await peer.AnswerAsync("250-hop.example\r\n250 STARTTLS");
            await peer.ReadLineAsync();
            await peer.SendAsync(fault.StartsWith("421", StringComparison.Ordinal) ? fault + "\r\n" : string.Empty);
            await peer.SendAsync(fault.Contains("behind", StringComparison.Ordinal) ? "220 Go\r\n" : string.Empty);
            await (fault.EndsWith("handshake", StringComparison.Ordinal) ? peer.StartTlsAsync(_certificate) : Task.CompletedTask);
            if (fault.StartsWith("reset", StringComparison.Ordinal))
            {
                peer.Reset();
            }
        });
        await AssertFateAsync(To("127.0.0.1", hop, level), fate);
        Assert.Equal((level == "may" ? 2 : 1, level == "may" ? "MAIL" : string.Empty), (hop.Connections, string.Concat(heard)));
    }

    [Theory]
    [InlineData("may")]
    [InlineData("encrypt")]
    public async Task What_is_injected_behind_220_is_no_reply_and_leads_to_no_fallback(string level)
    {
        var heard = new ConcurrentQueue<string>();
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250 STARTTLS", "220 Go\r\n250-hop.example\r\n250 AUTH PLAIN\r\n250 Ok\r\n250 Ok\r\n354 Go");
            while (true)
            {
                heard.Enqueue(await peer.ReadLineAsync());
            }
        });
        await AssertFateAsync(To("127.0.0.1", hop, level), "451 4.7.0 Something was sent in the clear between STARTTLS and its handshake");
        Assert.Empty(heard);
        Assert.Equal(1, hop.Connections);
    }

    [Theory]
    [InlineData("220 MX.relay.example ESMTP", "250 hop.example")]
    [InlineData("220 hop.example", "250-mx.relay.example\r\n250 SIZE")]
    public async Task A_next_hop_that_is_ourselves_is_a_loop_and_bounces(string greeting, string hello)
    {
        await using var hop = ScriptedServer.Start(async peer =>
        {
            await peer.SendAsync(greeting + "\r\n");
            await peer.ReadLineAsync();
            await peer.SendAsync(hello + "\r\n");
            await peer.ReadLineAsync();
        });
        await using var node = await RunningNode.StartAsync(To("127.0.0.1", hop, "may"));
        await NextHops.SendAsync(node, "u@d0.example");
        var tried = await NextHops.TriedAsync(node, "u@d0.example");
        Assert.Equal(("failed", "554 5.4.6 The next hop has our own name: mail loops back to this host"), (tried.State, tried.LastReply));
    }

    private static string Tls(string level) => $", \"tls\": \"{level}\"";

    private static string To(string host, ScriptedServer hop, string level) =>
        NextHops.Policy("1h", ($"smtp://{host}:{hop.EndPoint.Port}", Tls(level)));

    private static async Task AssertFateAsync(string policy, string fate)
    {
        await using var node = await RunningNode.StartAsync(policy);
        await NextHops.SendAsync(node, "u@d0.example");
        if (fate == "delivered")
        {
            await node.EmptyAsync();
            return;
        }

        var tried = await NextHops.TriedAsync(node, "u@d0.example");
        Assert.Equal("deferred", tried.State);
        Assert.StartsWith(fate, tried.LastReply, StringComparison.Ordinal);
    }

    private async Task ServeAsync(ScriptedPeer peer, ConcurrentQueue<string> heard, SslProtocols version = SslProtocols.None)
    {
        await peer.SendAsync("220 hop.example\r\n");
        heard.Enqueue((await peer.ReadLineAsync())[..4]);
        await peer.SendAsync("250-hop.example\r\n250 STARTTLS\r\n");
        var next = await peer.ReadLineAsync();
        if (next != "STARTTLS")
        {
            heard.Enqueue(next[..4]);
            await peer.SendAsync(NextHops.Ok + "\r\n");
            await TakeRecipientAsync(peer);
            return;
        }

        heard.Enqueue(next);
        await peer.SendAsync("220 Go\r\n");
        await peer.StartTlsAsync(_certificate, version);
        heard.Enqueue("tls");
        heard.Enqueue((await peer.ReadLineAsync())[..4]);
        await peer.SendAsync("250 hop.example\r\n");
        await TakeTransactionAsync(peer, heard);
    }

    private static async Task TakeMailAsync(ScriptedPeer peer, string hello, ConcurrentQueue<string> heard)
    {
        await peer.AnswerAsync(hello);
        await TakeTransactionAsync(peer, heard);
    }

    private static async Task TakeTransactionAsync(ScriptedPeer peer, ConcurrentQueue<string> heard)
    {
        heard.Enqueue((await peer.ReadLineAsync())[..4]);
        await peer.SendAsync(NextHops.Ok + "\r\n");
        await TakeRecipientAsync(peer);
    }

    private static async Task TakeRecipientAsync(ScriptedPeer peer)
    {
        await peer.ReadLineAsync();
        await peer.SendAsync(NextHops.Ok + "\r\n");
        await peer.ReadLineAsync();
        await peer.SendAsync("354 Go\r\n");
        await peer.ReadBodyAsync();
        await peer.SendAsync(NextHops.Ok + "\r\n");
        await peer.ReadLineAsync();
        await peer.SendAsync("221 Bye\r\n");
    }
}
