using System.Net;
using System.Text;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>A real mailbox server is asked for recipients before they are accepted.</summary>
[Trait("Category", "Interop")]
public sealed class RecipientCalloutTests
{
    [InteropFact("postfix", NeedsRoot = true)]
    public async Task Whom_Postfix_does_not_know_is_refused_in_the_dialogue()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        await using var postfix = await PostfixServer.StartAsync(
            "mail.relay.example",
            endPoint,
            """
            mydestination = relay.example
            local_recipient_maps = inline:{ alice=x }
            local_transport = virtual
            virtual_mailbox_domains =
            recipient_delimiter = +
            """);
        await using var node = await RunningNode.StartAsync(
            $$"""
            {
              "acceptedDomains": ["relay.example"],
              "recipients": { "relay.example": "callout" },
              "routes": [ { "domain": "relay.example", "to": "smtp://{{endPoint}}" } ]
            }
            """);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("550 5.1.1 No such recipient here: check the address", (await client.CommandAsync($"RCPT TO:<bob{i}@relay.example>")).ToString());
        }

        (await client.CommandAsync("RCPT TO:<Alice@relay.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<alice+tag@relay.example>")).MustBe(250);
        (await client.CommandAsync("RSET")).MustBe(250);
        (await client.SendMessageAsync("a@b.example", ["alice@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        Assert.Contains("Subject: x", Encoding.ASCII.GetString(await postfix.Mail.NextAsync()), StringComparison.Ordinal);
        await node.EmptyAsync();
    }
}
