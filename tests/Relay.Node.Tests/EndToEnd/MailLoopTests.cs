using System.Net;
using System.Net.Http.Json;
using System.Text;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Two relays that send each other the same mail, as two smart hosts that name each other do.</summary>
public sealed class MailLoopTests
{
    private const int HopsMax = 8;
    private static readonly byte[] Content = "Subject: round and round\r\n\r\nx\r\n"u8.ToArray();

    [Fact]
    public async Task A_loop_ends_with_one_report_to_the_sender_and_with_none_for_the_null_path()
    {
        await using var origin = ReceivedMail.Start();
        var (portOfA, portOfB) = (FreePort.Next(), FreePort.Next());
        await using var a = await StartAsync("mx-a.relay.example", portOfA, portOfB, origin);
        await using var b = await StartAsync("mx-b.relay.example", portOfB, portOfA, origin);
        await using var client = await SmtpTestClient.GreetAsync(a.Smtp);
        (await client.SendMessageAsync("s@origin.example", ["u@loop.example"], Content)).MustBe(250);
        var report = await origin.NextAsync();
        Assert.Equal("", report.Envelope.Sender.Text);
        Assert.Equal("s@origin.example", Assert.Single(report.Envelope.Recipients).Path.Text);
        Assert.Contains("5.4.6", Encoding.UTF8.GetString(report.Content.Span), StringComparison.Ordinal);
        await a.EmptyAsync();
        await b.EmptyAsync();

        (await client.SendMessageAsync("", ["u@loop.example"], Content)).MustBe(250);
        await Eventually.TrueAsync(async () => await HasFailedAsync(a) || await HasFailedAsync(b));
        Assert.True(origin.IsEmpty);
    }

    private static async Task<bool> HasFailedAsync(RunningNode node) =>
        (await node.Api.GetFromJsonAsync<QueueAnswer>("/api/queue"))!.Messages.Any(static message => message.Recipients.Any(static recipient => recipient.State == "failed"));

    private static Task<RunningNode> StartAsync(string name, int port, int other, ReceivedMail origin) => RunningNode.StartAsync(
        $$"""
        {
          "relay": { "networks": ["127.0.0.0/8"] },
          "routes": [ { "domain": "origin.example", "to": "smtp://{{origin.Sink.BoundEndPoint}}" }, { "domain": "*", "to": "smtp://127.0.0.1:{{other}}" } ],
          "message": { "hops": {{HopsMax}} }
        }
        """,
        settings => settings with
        {
            Node = settings.Node with { HostName = name },
            Listeners = [new ListenerSettings { Address = new IPEndPoint(IPAddress.Loopback, port) }],
        });
}
