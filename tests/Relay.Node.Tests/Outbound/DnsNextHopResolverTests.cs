using System.Net;
using System.Net.Sockets;
using DnsClient;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Node.Outbound;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Node.Tests.Outbound;

/// <summary>Name servers that answer what no server should: trouble that may pass, never a failure of the recipient or of the node.</summary>
public sealed class DnsNextHopResolverTests
{
    [Theory]
    [InlineData("empty", "451 4.4.3")]
    [InlineData("garbage", "451 4.4.3")]
    [InlineData("another id", "451 4.4.3")]
    [InlineData("answers that are missing", "451 4.4.3")]
    [InlineData("a name that points to itself", "451 4.4.3")]
    [InlineData("server failure", "451 4.4.3")]
    [InlineData("refused", "451 4.4.3")]
    [InlineData("no such domain", "550 5.1.2")]
    [InlineData("nothing", "550 5.4.4")]
    public async Task An_answer_is_what_it_can_be_read_as(string kind, string reply)
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(server, kind, stop.Token);
        var dns = new LookupClient(new LookupClientOptions((IPEndPoint)server.Client.LocalEndPoint!)
        {
            Timeout = TimeSpan.FromSeconds(1),
            Retries = 0,
            UseCache = false,
            ThrowDnsErrors = false,
            UseTcpFallback = false,
        });
        var resolver = new DnsNextHopResolver(dns, new PolicyAgent(PolicySnapshot.WithoutPolicy(everyListenerIsLoopback: true)));
        Assert.True(MailDomain.TryParse("relay.example", out var domain));

        var resolution = await resolver.ResolveAsync(DestinationKey.ForDomain(domain), CancellationToken.None);

        Assert.Empty(resolution.Hops);
        Assert.StartsWith(reply, resolution.Failure!.Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(reply[0] == '4' ? OutcomeKind.Deferred : OutcomeKind.Bounced, resolution.Failure.Kind);
        await stop.CancelAsync();
        await serving;
    }

    private static async Task ServeAsync(UdpClient server, string kind, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var query = await server.ReceiveAsync(stop);
                await server.SendAsync(Answer(query.Buffer, kind), query.RemoteEndPoint, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    // The query's own header and question, made into an answer (RFC 1035 section 4.1).
    private static byte[] Answer(byte[] query, string kind)
    {
        var question = query.AsSpan(12).IndexOf((byte)0) + 12 + 5;
        var answer = query[..question];
        answer[2] = 0x81; // a response, recursion desired
        answer[3] = 0x80;
        answer.AsSpan(6, 6).Clear();
        switch (kind)
        {
            case "empty":
                return [];
            case "garbage":
                return [.. Enumerable.Range(0, 40).Select(i => (byte)(i * 37))];
            case "another id":
                answer[0] ^= 0xFF;
                break;
            case "answers that are missing":
                answer[7] = 5;
                break;
            case "a name that points to itself":
                answer[7] = 1;
                return [.. answer, 0xC0, (byte)question, 0, 15, 0, 1, 0, 0, 0, 60, 0, 4, 0, 10, 0xC0, (byte)question];
            case "server failure":
                answer[3] = 0x82;
                break;
            case "refused":
                answer[3] = 0x85;
                break;
            case "no such domain":
                answer[3] = 0x83;
                break;
        }

        return answer;
    }
}
