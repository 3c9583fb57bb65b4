using System.Net;
using System.Text;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>The real world on one machine: zones of a real name server, and the servers of others behind them.</summary>
[Trait("Category", "Interop")]
public sealed class MxDeliveryTests
{
    private const string Policy =
        """
        {
          "relay": { "networks": ["127.0.0.0/8"] },
          "delivery": { "nextHopNetworks": ["127.0.0.0/8"], "retry": "1s" },
        }
        """;

    private static readonly byte[] Content = Encoding.UTF8.GetBytes(
        "From: <a@b.example>\r\nTo: <u@relay.example>\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@b.example>\r\nSubject: dots\r\n"
        + "\r\n.\r\n..\r\n...x\r\nFrom here\r\nGr\u00fc\u00dfe\t \r\n" + new string('x', 990) + "\r\n\r\n");

    private readonly int _port = FreePort.Next();

    [InteropFact("dnsmasq", "postfix", NeedsRoot = true)]
    public async Task Postfix_gets_what_its_MX_record_leads_to_it()
    {
        await using var server = await PostfixServer.StartAsync("mx.host.example", At("127.1.0.1"));
        await using var dns = await DnsmasqServer.StartAsync("mx-host=relay.example,mx.host.example,10", "host-record=mx.host.example,127.1.0.1");
        await using var node = await RunningNode.StartAsync(Policy, dns.EndPoint, _port);
        await SendAsync(node, "u@relay.example");
        MustEndWithContent(await server.Mail.NextAsync());
    }

    [InteropFact("dnsmasq", "exim4", NeedsRoot = true)]
    public async Task Exim_gets_what_its_MX_record_leads_to_it()
    {
        await using var server = await EximServer.StartAsync("mx.host.example", At("127.1.0.2"));
        await using var dns = await DnsmasqServer.StartAsync("mx-host=relay.example,mx.host.example,10", "host-record=mx.host.example,127.1.0.2");
        await using var node = await RunningNode.StartAsync(Policy, dns.EndPoint, _port);
        await SendAsync(node, "u@relay.example");
        MustEndWithContent(await server.Mail.NextAsync());
    }

    [InteropFact("dnsmasq", AiosmtpdServer.Program)]
    public async Task Every_way_that_a_zone_can_say_it_leads_to_the_host()
    {
        await using var server = await AiosmtpdServer.StartAsync("mx.host.example", At("127.1.0.3"));
        await using var dns = await DnsmasqServer.StartAsync(
            "host-record=mx.host.example,127.1.0.3",
            "host-record=dead.host.example,127.1.0.4",
            "host-record=six.host.example,127.1.0.3,2001:db8::1",
            "cname=other.host.example,mx.host.example",
            "mx-host=one.example,mx.host.example,10",
            "mx-host=two.example,dead.host.example,10",
            "mx-host=two.example,mx.host.example,10",
            "mx-host=three.example,dead.host.example,10",
            "mx-host=three.example,none.host.example,20",
            "mx-host=three.example,mx.host.example,30",
            "mx-host=both.example,six.host.example,10",
            "mx-host=target.example,other.host.example,10",
            "host-record=plain.example,127.1.0.3",
            "cname=alias.example,one.example",
            "host-record=real.example,127.1.0.3",
            "cname=further.example,real.example");
        await using var node = await RunningNode.StartAsync(Policy, dns.EndPoint, _port);
        foreach (var domain in new[]
        {
            "one.example", "two.example", "three.example", "both.example", "target.example", "plain.example", "alias.example", "further.example",
        })
        {
            await SendAsync(node, $"u@{domain}");
            MustEndWithContent(await server.NextAsync($"u@{domain}"));
        }
    }

    [InteropFact("dnsmasq")]
    public async Task A_domain_without_a_host_for_mail_is_told_apart_by_the_reply()
    {
        await using var dns = await DnsmasqServer.StartAsync(
            "mx-host=null.example,.,0",
            "mx-host=empty.example,none.host.example,10",
            "txt-record=text.example,nothing else",
            "mx-host=loop.example,mx.relay.example,10",
            "mx-host=loop.example,worse.example,20",
            "host-record=mx.relay.example,127.1.0.5",
            "host-record=worse.example,127.1.0.6",
            "mx-host=inside.example,inside.host.example,10",
            "host-record=inside.host.example,10.1.0.6");
        await using var node = await RunningNode.StartAsync(Policy, dns.EndPoint, _port);
        foreach (var (domain, state, reply) in new[]
        {
            ("null.example", "failed", "556 5.1.10 "),
            ("none.example", "failed", "550 5.1.2 "),
            ("empty.example", "failed", "550 5.4.4 "),
            ("text.example", "failed", "550 5.4.4 "),
            ("loop.example", "failed", "554 5.4.6 "),
            ("inside.example", "failed", "550 5.4.4 "),
            ("refused.test", "deferred", "451 4.4.3 "),
        })
        {
            await SendAsync(node, $"u@{domain}", sender: ""); // of whose mail nobody may be told, so that it stays to be seen
            var queued = await node.QueuedAsync(message => message.Recipients[0].Address == $"u@{domain}" && message.State == state);
            Assert.StartsWith(reply, queued.Recipients[0].LastReply, StringComparison.Ordinal);
        }
    }

    private IPEndPoint At(string address) => new(IPAddress.Parse(address), _port);

    private static async Task SendAsync(RunningNode node, string recipient, string sender = "a@b.example")
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.SendMessageAsync(sender, [recipient], Content)).MustBe(250);
    }

    // The servers put their own fields before it, and change nothing of it.
    private static void MustEndWithContent(byte[] kept) => Assert.Equal(
        Encoding.UTF8.GetString(Content), Encoding.UTF8.GetString(kept[Math.Max(0, kept.Length - Content.Length)..]));
}
