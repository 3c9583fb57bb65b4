using System.Net;
using System.Net.Http.Json;
using Relay.Node.CommandLine.Api;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Dns;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Probes;

/// <summary>A whole node between strangers and two sinks: ours gets what DNS says of relay.example and internal.example, the victim's everything else.</summary>
/// <remarks>
/// Every name but those two leads to the victim's address, so that whatever a probe turns into a recipient of somebody else comes to light as a
/// connection. 127.0.0.8 may relay, 127.0.0.9 may not.
/// </remarks>
internal sealed class ProbeWorld : IAsyncDisposable
{
    /// <summary>May relay.</summary>
    public static readonly IPAddress Trusted = IPAddress.Parse("127.0.0.8");

    /// <summary>May not.</summary>
    public static readonly IPAddress Stranger = IPAddress.Parse("127.0.0.9");

    /// <summary>What a probe sends when its recipient is accepted.</summary>
    public static readonly byte[] Content = "Subject: probe\r\n\r\nx\r\n"u8.ToArray();

    private const string PolicyText =
        """
        {
          "acceptedDomains": ["relay.example", "internal.example"],
          "relay": { "networks": ["127.0.0.8"] },
          "connections": { "perClient": 1000, "ratePerClient": "1000000/min" },
          "penalty": { "refusals": 0 },
          "delivery": { "nextHopNetworks": ["127.3.0.0/16"], "retry": "1s" }
        }
        """;

    private readonly StubNameServer _dns;

    private ProbeWorld(StubNameServer dns, RecordingServer ours, RecordingServer victim, RunningNode node)
    {
        _dns = dns;
        (Ours, Victim, Node) = (ours, victim, node);
    }

    /// <summary>The next hop of our domains.</summary>
    public RecordingServer Ours { get; }

    /// <summary>The next hop of every other domain.</summary>
    public RecordingServer Victim { get; }

    public RunningNode Node { get; }

    public static async Task<ProbeWorld> StartAsync()
    {
        var port = FreePort.Next();
        var dns = StubNameServer.Start().Everywhere(IPAddress.Parse("127.3.0.2"))
            .Mx("relay.example", "10 in.ours.example").Mx("internal.example", "10 in.ours.example").Addresses("in.ours.example", "127.3.0.1");
        var ours = RecordingServer.Start(new IPEndPoint(IPAddress.Parse("127.3.0.1"), port), "8BITMIME", "SMTPUTF8", "PIPELINING");
        var victim = RecordingServer.Start(new IPEndPoint(IPAddress.Parse("127.3.0.2"), port), "8BITMIME", "SMTPUTF8", "PIPELINING");
        return new ProbeWorld(dns, ours, victim, await RunningNode.StartAsync(PolicyText, dns.EndPoint, port));
    }

    /// <summary>Connects and says EHLO.</summary>
    public Task<SmtpTestClient> GreetAsync(IPAddress from, string helo = "client.example") => SmtpTestClient.GreetAsync(Node.Smtp, helo, from);

    /// <summary>MAIL, RCPT and DATA as they are given, on a connection of their own; the message is sent when DATA is answered with 354.</summary>
    /// <param name="client">Where from.</param>
    /// <param name="mail">What stands behind <c>MAIL FROM:</c>.</param>
    /// <param name="recipient">What stands behind <c>RCPT TO:</c>.</param>
    public async Task<ProbeResult> ProbeAsync(IPAddress client, string mail, string recipient)
    {
        await using var connection = await GreetAsync(client);
        var sender = await connection.CommandAsync("MAIL FROM:" + mail);
        var answer = await connection.CommandAsync("RCPT TO:" + recipient);
        var data = await connection.CommandAsync("DATA");
        if (data.Code != 354)
        {
            return new ProbeResult(sender, answer, data, null);
        }

        await connection.SendAsync(StuffedContent.Of(Content));
        return new ProbeResult(sender, answer, data, await connection.ReadReplyAsync());
    }

    /// <summary>Nothing is queued, and nobody was reached.</summary>
    public async Task NothingHappenedAsync()
    {
        Assert.Equal(0, (await Node.Api.GetFromJsonAsync<QueueAnswer>("/api/queue"))!.Total);
        Assert.Equal(0, Ours.Connections);
        Assert.Equal(0, Victim.Connections);
    }

    /// <summary>Waits until the queue is empty: then what we got is all that was sent, and the victim got nothing.</summary>
    public async Task<IReadOnlyList<RecordedMail>> OnlyOursAsync()
    {
        await Node.EmptyAsync();
        Assert.Equal(0, Victim.Connections);
        return Ours.Taken();
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Ours.DisposeAsync();
        await Victim.DisposeAsync();
        await _dns.DisposeAsync();
    }
}

/// <summary>The replies to one probe.</summary>
/// <param name="Sender">To MAIL.</param>
/// <param name="Recipient">To RCPT.</param>
/// <param name="Data">To DATA.</param>
/// <param name="Message">To the message; null when none was sent.</param>
internal sealed record ProbeResult(TestReply Sender, TestReply Recipient, TestReply Data, TestReply? Message);
