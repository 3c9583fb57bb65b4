using System.Net;
using System.Text;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>The servers of others as next hops, with TLS and without, and by LMTP; what they write into Received tells how they were spoken to.</summary>
[Trait("Category", "Interop")]
public sealed class TlsDeliveryTests
{
    private static readonly byte[] Content = "From: <a@b.example>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@b.example>\r\nSubject: x\r\n\r\n.x\r\n"u8.ToArray();

    private readonly int _port = FreePort.Next();

    [InteropFact("postfix", NeedsRoot = true)]
    public async Task Postfix_is_spoken_to_with_TLS_and_without_as_the_route_says()
    {
        await using var server = await PostfixServer.StartAsync("mx.host.example", At("127.1.2.1"));
        Assert.Contains("with ESMTP id", await TraceAsync("none", server.Mail), StringComparison.Ordinal);
        Assert.Contains("with ESMTPS id", await TraceAsync("may", server.Mail), StringComparison.Ordinal);
        Assert.Contains("with ESMTPS id", await TraceAsync("encrypt", server.Mail), StringComparison.Ordinal);

        Task<string> TraceAsync(string level, MailFolder mail) => TraceOfAsync("127.1.2.1", level, mail);
    }

    [InteropFact("exim4", NeedsRoot = true)]
    public async Task Exim_is_spoken_to_with_TLS_and_without_as_the_route_says()
    {
        await using var server = await EximServer.StartAsync("mx.host.example", At("127.1.2.2"));
        Assert.Contains("with esmtp ", await TraceOfAsync("127.1.2.2", "none", server.Mail), StringComparison.Ordinal);
        Assert.Contains("with esmtps ", await TraceOfAsync("127.1.2.2", "may", server.Mail), StringComparison.Ordinal);
        Assert.Contains("with esmtps ", await TraceOfAsync("127.1.2.2", "encrypt", server.Mail), StringComparison.Ordinal);
    }

    [InteropFact(AiosmtpdServer.Program)]
    public async Task Aiosmtpd_is_spoken_to_with_TLS_and_mail_waits_where_its_certificate_proves_nothing()
    {
        await using var server = await AiosmtpdServer.StartAsync("mx.host.example", At("127.1.2.3"));
        await using (var node = await RunningNode.StartAsync(Policy("smtp://127.1.2.3", "encrypt")))
        {
            await SendAsync(node, "u@relay.example");
            Assert.EndsWith(Encoding.ASCII.GetString(Content), Encoding.ASCII.GetString(await server.NextAsync("u@relay.example")), StringComparison.Ordinal);
        }

        await using var strict = await RunningNode.StartAsync(Policy("smtp://127.1.2.3", "verify"));
        await SendAsync(strict, "v@relay.example");
        var waiting = await strict.QueuedAsync(static message => message.State == "deferred");
        Assert.StartsWith("451 4.7.5 ", waiting.Recipients[0].LastReply, StringComparison.Ordinal);
    }

    [InteropFact(AiosmtpdServer.Program)]
    public async Task An_LMTP_server_decides_for_each_recipient()
    {
        await using var server = await AiosmtpdServer.StartLmtpAsync("mx.host.example", At("127.1.2.4"));
        await using var node = await RunningNode.StartAsync(Policy("lmtp://127.1.2.4", "may"));
        await SendAsync(node, "full@relay.example", "u@relay.example");
        var waiting = await node.QueuedAsync(static message => message.Recipients.All(static recipient => recipient.LastReply is not null && recipient.State != "active"));
        Assert.Equal([("deferred", "452 4.2.2 full"), ("delivered", "250 2.0.0 kept")], waiting.Recipients.Select(static r => (r.State, r.LastReply)));
        Assert.NotEmpty(await server.NextAsync("full@relay.example")); // named after the first recipient
    }

    private async Task<string> TraceOfAsync(string address, string level, MailFolder mail)
    {
        await using var node = await RunningNode.StartAsync(Policy($"smtp://{address}", level));
        await SendAsync(node, "u@relay.example");
        return Encoding.UTF8.GetString(await mail.NextAsync());
    }

    private string Policy(string host, string level) =>
        $$"""{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ { "domain": "*", "to": "{{host}}:{{_port}}", "tls": "{{level}}" } ], "delivery": { "retry": "1h" } }""";

    private IPEndPoint At(string address) => new(IPAddress.Parse(address), _port);

    private static async Task SendAsync(RunningNode node, params string[] recipients)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync("", recipients, Content)).MustBe(250);
    }
}
