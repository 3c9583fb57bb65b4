using System.Net;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>Lists, names and senders' domains in zones of a real name server.</summary>
[Trait("Category", "Interop")]
public sealed class InquiryZoneTests
{
    [InteropFact("dnsmasq")]
    public async Task Zones_of_a_real_name_server_are_understood()
    {
        await using var mail = ReceivedMail.Start();
        await using var dns = await DnsmasqServer.StartAsync(
            "address=/2.0.0.127.list.example/127.0.0.2",
            "address=/9.0.0.127.list.example/127.0.0.4",
            "host-record=host.isp.example,127.0.0.10",
            "mx-host=b.example,mx.example,10",
            "mx-host=null.example,.,0");
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "clientNames": true,
              "dnsBlocklists": [ { "zone": "list.example", "answers": ["127.0.0.4"], "action": "reject" } ],
              "senders": { "unknownDomains": "reject" },
              "routes": [ { "domain": "*", "to": "smtp://{{mail.Sink.BoundEndPoint}}" } ]
            }
            """,
            dns.EndPoint,
            25);
        await using var listed = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Parse("127.0.0.9"));
        (await listed.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await listed.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(550);

        await using var client = await SmtpTestClient.GreetAsync(node.Smtp, from: IPAddress.Parse("127.0.0.10"));
        foreach (var (sender, reply) in new[] { ("a@none.example", "550 5.1.8 "), ("a@null.example", "550 5.7.27 "), ("a@refused.test", "451 4.4.3 ") })
        {
            (await client.CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
            Assert.StartsWith(reply, (await client.CommandAsync("RCPT TO:<u@relay.example>")).ToString(), StringComparison.Ordinal);
            (await client.CommandAsync("RSET")).MustBe(250);
        }

        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        Assert.Contains("(host.isp.example [127.0.0.10])", ReceivedMail.Split(await mail.NextAsync()).Received, StringComparison.Ordinal);
    }
}
