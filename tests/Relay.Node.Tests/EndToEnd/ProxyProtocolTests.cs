using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Relay.Node.Composition;
using Relay.Node.Listeners;
using Relay.Node.Listeners.Proxy;
using Relay.Node.Settings;
using Relay.Node.Tests.Cluster;
using Relay.Node.Tests.Encryption;
using Relay.Policy.Values;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A node behind a balancer, 127.0.0.2, which policy lets relay by its address as it does 127.0.0.9.</summary>
public sealed partial class ProxyProtocolTests : IAsyncDisposable
{
    private const int Plain = 0;
    private const int Encrypted = 1;
    private const int Offered = 2;
    private const int Direct = 3;
    private const string UnknownClient = "4.3.5 Cannot take mail: the balancer in front of this server does not say who you are";
    private static readonly IPAddress Balancer = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Friend = IPAddress.Parse("127.0.0.9");
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.7");

    private readonly CertificateFolder _files = new();
    private readonly CapturedLog _log = new();
    private readonly ReceivedMail _mail = ReceivedMail.Start();

    public async ValueTask DisposeAsync()
    {
        await _mail.DisposeAsync();
        _log.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task The_client_is_who_the_balancer_says()
    {
        await using var node = await StartAsync();
        foreach (var header in (byte[][])[ProxyHeaders.V1(Stranger), ProxyHeaders.V2(Stranger), ProxyHeaders.Checked(Stranger), ProxyHeaders.V2(Stranger.MapToIPv6())])
        {
            await using var client = await GreetAsync(node, header);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            Assert.StartsWith("5.7.1 Relaying denied: from you", (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550).Text, StringComparison.Ordinal);
            (await client.CommandAsync("RSET")).MustBe(250);
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
            Assert.Contains(" ([203.0.113.7])", ReceivedMail.Split(await _mail.NextAsync()).Received, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_right_is_the_clients_and_never_the_balancers()
    {
        await using var node = await StartAsync();
        await using var friend = await GreetAsync(node, ProxyHeaders.V2(Friend));
        (await friend.SendMessageAsync("a@b.example", ["n@elsewhere.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        await _mail.NextAsync();

        // A balancer behind a balancer, or a TLS terminator beside it: everybody would come from there.
        await using var balancer = await GreetAsync(node, ProxyHeaders.V2(Balancer));
        (await balancer.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        Assert.StartsWith(
            "5.7.1 Relaying denied: you come from a balancer's own address",
            (await balancer.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550).Text,
            StringComparison.Ordinal);
        // One without send-proxy, pointed at another listener's port: there too everybody comes from there.
        await using var misled = await SmtpTestClient.GreetAsync(node.Listeners[Direct], from: Balancer);
        (await misled.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        Assert.Contains("balancer's own address", (await misled.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550).Text, StringComparison.Ordinal);
        await using var near = await SmtpTestClient.GreetAsync(node.Listeners[Direct], from: Friend);
        (await near.SendMessageAsync("a@b.example", ["n@elsewhere.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        await _mail.NextAsync();

        var explained = await node.Api.GetStringAsync("/api/policy/explain?client=127.0.0.2&listener=plain&from=a@b.example&to=n@victim.example");
        Assert.Contains("default.balancer", explained, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_balancer_that_does_not_say_who_the_client_is_may_greet_and_leave()
    {
        await using var node = await StartAsync();
        foreach (var header in (byte[][])[ProxyHeaders.V1Unknown(), ProxyHeaders.V2Local(), ProxyHeaders.V2(0x21, 0, [])])
        {
            await using var client = await GreetAsync(node, header, Offered);
            Assert.Equal(UnknownClient, (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(451).Text);
            (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(503);
            Assert.DoesNotContain("AUTH", (await client.CommandAsync("EHLO x.example")).MustBe(250).Text, StringComparison.Ordinal);
            Assert.InRange((await client.CommandAsync("AUTH PLAIN AGFkbWluAGFkbWlu")).Code, 500, 504);
            (await client.CommandAsync("STARTTLS")).MustBe(220);
            await client.StartTlsAsync();
            Assert.DoesNotContain("AUTH", (await client.CommandAsync("EHLO x.example")).MustBe(250).Text, StringComparison.Ordinal);
            Assert.InRange((await client.CommandAsync("AUTH PLAIN AGFkbWluAGFkbWlu")).Code, 500, 504);
            Assert.Equal(UnknownClient, (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(451).Text);
            (await client.CommandAsync("QUIT")).MustBe(221);
        }
    }

    [Fact]
    public async Task Only_balancers_are_let_in_and_only_with_a_header()
    {
        await using (var node = await StartAsync(new ConnectionTimes { ProxyHeader = TimeSpan.FromMilliseconds(300) }))
        {
            // The header, and what it claims, is right: the peer is not.
            await EndsSilentAsync(node, ProxyHeaders.V2(Friend), IPAddress.Parse("127.0.0.3"));
            await EndsSilentAsync(node, ProxyHeaders.V1(Friend), Friend);
            await EndsSilentAsync(node, "EHLO x.example\r\n"u8.ToArray());
            await EndsSilentAsync(node, "PROXY TCP4 127.0.0.9 127.0.0.1 1 25\n"u8.ToArray());
            await EndsSilentAsync(node, [.. ProxyHeaders.V2Local()[..14], 0xFF, 0xFF]);
            await EndsSilentAsync(node, ProxyHeaders.V2(Friend)[..20]); // and then nothing
        }

        Assert.Equal(
            [("PROXY header late", 1), ("PROXY header malformed", 2), ("PROXY header missing", 1), ("ProxyProtocol:Trusted", 2)],
            _log.Lines.Select(static line => Refused().Match(line)).Where(static line => line.Success)
                .GroupBy(static line => line.Groups[2].Value, static line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture))
                .Select(static line => (line.Key, line.Sum()))
                .Order());
    }

    [Fact]
    public async Task Checks_of_a_balancer_are_not_limited_counted_or_logged()
    {
        await using (var node = await StartAsync(policyMore: """ "connections": { "total": 3, "perClient": 1, "perNetwork": 1, "ratePerClient": "1/min" } """))
        {
            await using var checks = await GreetAsync(node, ProxyHeaders.V2Local());
            for (var i = 0; i < 5; i++)
            {
                await using (var open = await SmtpTestClient.ConnectAsync(node.Smtp, Balancer))
                {
                    // Only a look whether the port is open.
                }

                await using var check = await GreetAsync(node, ProxyHeaders.V2Local());
                (await check.CommandAsync("QUIT")).MustBe(221);
                Assert.Equal("", await check.ReadToEndAsync());
            }

            Assert.Equal(0, node.Services.GetRequiredService<MailHost>().Services.Gate.Total);

            // The limits hold for the clients behind it, each for itself.
            await using var first = await GreetAsync(node, ProxyHeaders.V2(Stranger));
            await using var second = await GreetAsync(node, ProxyHeaders.V2(IPAddress.Parse("198.51.100.1")));
            await using var again = await ConnectAsync(node, ProxyHeaders.V2(Stranger));
            Assert.Equal("4.7.0 Too many connections (connections.perClient), try again later", (await again.ReadReplyAsync()).MustBe(421).Text);
            await using var self = await GreetAsync(node, ProxyHeaders.V2(Balancer));
            await using var more = await ConnectAsync(node, ProxyHeaders.V2(Balancer));
            Assert.Contains("connections.total", (await more.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        }

        Assert.Equal(
            ["Warning refused connections=1 limit=\"connections.perClient\" last-client=203.0.113.7", "Warning refused connections=1 limit=\"connections.total\" last-client=127.0.0.2"],
            _log.Lines.Where(static line => Refused().IsMatch(line)).Order());
        Assert.DoesNotContain(_log.Lines, static line => line.Contains("203.0.113.7", StringComparison.Ordinal) && !Refused().IsMatch(line));
    }

    [Fact]
    public async Task More_checks_at_once_than_anyone_needs_are_turned_away()
    {
        await using var node = await StartAsync();
        var checks = new List<SmtpTestClient>();
        for (var i = 0; i < ProxyEntrance.UnknownMax; i++)
        {
            checks.Add(await GreetAsync(node, ProxyHeaders.V2Local()));
        }

        await using var more = await ConnectAsync(node, ProxyHeaders.V2Local());
        (await more.ReadReplyAsync()).MustBe(421);
        await using var client = await GreetAsync(node, ProxyHeaders.V2(Stranger));
        foreach (var check in checks)
        {
            (await check.CommandAsync("QUIT")).MustBe(221);
            await check.ReadToEndAsync();
            await check.DisposeAsync();
        }

        // A place is free once its socket is closed, a moment after the client has seen it.
        while (true)
        {
            await using var next = await ConnectAsync(node, ProxyHeaders.V2Local());
            if ((await next.ReadReplyAsync()).Code == 220)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_header_in_pieces_is_the_same_header_and_what_follows_it_is_the_clients()
    {
        await using var node = await StartAsync();
        foreach (var header in (byte[][])[ProxyHeaders.V1(Friend), ProxyHeaders.Checked(Friend, ProxyHeaders.Tlv(4, new byte[3000]))])
        {
            await using var client = await SmtpTestClient.ConnectAsync(node.Smtp, Balancer);
            for (var i = 0; i < header.Length; i += i < 60 ? 1 : 500)
            {
                await client.SendAsync(header.AsMemory(i, Math.Min(i < 60 ? 1 : 500, header.Length - i)));
            }

            (await client.ReadReplyAsync()).MustBe(220);
            (await client.CommandAsync("EHLO x.example")).MustBe(250);
        }

        await using var pipelined = await SmtpTestClient.ConnectAsync(node.Smtp, Balancer);
        await pipelined.SendAsync((byte[])[.. ProxyHeaders.V2(Stranger), .. "EHLO x.example\r\n"u8]);
        (await pipelined.ReadReplyAsync()).MustBe(220);
        (await pipelined.ReadReplyAsync()).MustBe(250);
        await pipelined.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<n@victim.example>\r\n");
        (await pipelined.ReadReplyAsync()).MustBe(250);
        (await pipelined.ReadReplyAsync()).MustBe(550);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_header_is_a_bad_command_and_makes_nobody_somebody_else(bool isBinary)
    {
        await using var node = await StartAsync();
        await using var client = await SmtpTestClient.ConnectAsync(node.Smtp, Balancer);
        await client.SendAsync((byte[])[.. ProxyHeaders.V2(Stranger), .. isBinary ? ProxyHeaders.V2(Friend) : ProxyHeaders.V1(Friend)]);
        (await client.ReadReplyAsync()).MustBe(220);
        Assert.InRange((await client.ReadReplyAsync()).Code, 421, 559);
        Assert.DoesNotContain("250", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_header_comes_before_the_handshake_of_implicit_TLS()
    {
        await using var node = await StartAsync();
        await using var client = await ConnectAsync(node, ProxyHeaders.V2(Friend), Encrypted);
        await client.StartTlsAsync();
        (await client.ReadReplyAsync()).MustBe(220);
        (await client.CommandAsync("EHLO x.example")).MustBe(250);
        (await client.SendMessageAsync("a@b.example", ["n@elsewhere.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        Assert.Contains(" ([127.0.0.9])", ReceivedMail.Split(await _mail.NextAsync()).Received, StringComparison.Ordinal);

        await using var bare = await SmtpTestClient.ConnectAsync(node.Listeners[Encrypted], Balancer);
        await Assert.ThrowsAnyAsync<Exception>(() => bare.StartTlsAsync());
    }

    [Fact]
    public async Task Without_a_policy_a_balancer_on_loopback_lets_nobody_relay()
    {
        await using var node = await RunningNode.StartAsync("{}", settings => settings with { PolicyFile = null, Listeners = [Listener("plain")] });
        await using var client = await GreetAsync(node, ProxyHeaders.V2(Friend));
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(550);
    }

    [GeneratedRegex("refused connections=([0-9]+) limit=\"([^\"]+)\"")]
    private static partial Regex Refused();

    private static ListenerSettings Listener(string name) => new()
    {
        Name = name,
        Address = new IPEndPoint(IPAddress.Loopback, 0),
        ProxyProtocol = new ProxyProtocolSection { Trusted = [NetworkRange.TryParse("127.0.0.2", out var range, out _) ? range : default] },
    };

    private static async Task<SmtpTestClient> ConnectAsync(RunningNode node, byte[] header, int listener = Plain)
    {
        var client = await SmtpTestClient.ConnectAsync(node.Listeners[listener], Balancer);
        await client.SendAsync(header);
        return client;
    }

    private static async Task<SmtpTestClient> GreetAsync(RunningNode node, byte[] header, int listener = Plain)
    {
        var client = await ConnectAsync(node, header, listener);
        (await client.ReadReplyAsync()).MustBe(220);
        (await client.CommandAsync("EHLO x.example")).MustBe(250);
        return client;
    }

    private static async Task EndsSilentAsync(RunningNode node, byte[] octets, IPAddress? from = null)
    {
        await using var client = await SmtpTestClient.ConnectAsync(node.Smtp, from ?? Balancer);
        await client.SendAsync(octets);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    private Task<RunningNode> StartAsync(ConnectionTimes? times = null, string? policyMore = null) => RunningNode.StartAsync(
        $$"""
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "networks": ["127.0.0.2", "127.0.0.9"] },
          "routes": [ { "domain": "*", "to": "smtp://{{_mail.Sink.BoundEndPoint}}" } ]{{(policyMore is null ? "" : ", " + policyMore)}}
        }
        """,
        settings => settings with
        {
            Listeners =
            [
                Listener("plain"),
                Listener("implicit") with { Tls = TlsMode.Implicit },
                Listener("offered") with { Tls = TlsMode.Offered, Authentication = AuthenticationMode.Required },
                new() { Name = "direct", Address = new IPEndPoint(IPAddress.Loopback, 0) },
            ],
            Tls = _files.Section,
        },
        times,
        services => services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(new LoggerFactory([_log]))));
}
