using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Node.Encryption;
using Relay.Node.Listeners;
using Relay.Node.Settings;
using Relay.Node.Tests.Encryption;
using Relay.TestKit;
using Relay.TestKit.Smtp;
using static Relay.Node.Tests.EndToEnd.EncryptedListeners;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>Clients under TLS, at each of <see cref="EncryptedListeners"/>.</summary>
public sealed class ListenerTlsTests : IDisposable
{
    private readonly CertificateFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(Offered)]
    [InlineData(Required)]
    [InlineData(Implicit)]
    public async Task Mail_under_TLS_is_kept_and_its_trace_says_so(int listener)
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await EncryptedAsync(node, listener);
        var hello = await client.CommandAsync("EHLO client.example");
        Assert.DoesNotContain("STARTTLS", hello.MustBe(250).Text, StringComparison.Ordinal);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        (await client.CommandAsync("STARTTLS")).MustBe(503);
        (await client.CommandAsync("QUIT")).MustBe(221);
        Assert.Empty(await client.ReadToEndAsync()); // the end is told, not cut
        var content = Encoding.ASCII.GetString((await mail.NextAsync()).Content.Span);
        Assert.Contains(" with ESMTPS id ", content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_demanded_TLS_refuses_mail_in_plaintext()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Listeners[Required]);
        Assert.Equal("5.7.0 Must issue a STARTTLS command first", (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(530).Text);
    }

    [Fact]
    public async Task STARTTLS_forgets_what_was_said_before_it()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("STARTTLS")).MustBe(220);
        await client.StartTlsAsync();
        (await client.CommandAsync("DATA")).MustBe(503);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(503);
        (await client.CommandAsync("EHLO client.example")).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
    }

    [Theory]
    [InlineData("EHLO injected\r\n")]
    [InlineData("RSET\r\n")]
    [InlineData("MAIL FROM:<injected@b.example>\r\n")]
    public async Task Plaintext_slipped_in_with_STARTTLS_is_refused_and_closed(string injected)
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        await client.SendAsync("STARTTLS\r\n" + injected);
        Assert.StartsWith("5.5.0 ", (await client.ReadReplyAsync()).MustBe(554).Text, StringComparison.Ordinal);
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("EHLO injected\r\n")]
    [InlineData("MAIL FROM:<injected@b.example>\r\n")]
    public async Task Plaintext_between_220_and_the_handshake_is_never_read_as_commands(string injected)
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        (await client.CommandAsync("STARTTLS")).MustBe(220);
        await client.SendAsync(injected);
        // No handshake, and no word in plaintext: at the most an alert of TLS, which is no reply.
        Assert.DoesNotMatch("[0-9]{3}[ -]", await client.ReadToEndAsync());
        await CountedAsync(node, "failed", 1);
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_to_its_end_is_cut_and_others_are_served_meanwhile()
    {
        await using var mail = ReceivedMail.Start();
        var times = new ConnectionTimes { Handshake = TimeSpan.FromSeconds(3), Sweep = TimeSpan.FromMilliseconds(50) };
        await using var node = await StartAsync(mail, times);
        await using var silent = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        (await silent.CommandAsync("STARTTLS")).MustBe(220);
        await using var half = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await half.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01 });
        await using (var other = await EncryptedAsync(node, Implicit))
        {
            (await other.CommandAsync("EHLO client.example")).MustBe(250);
            (await other.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nhi\r\n"u8.ToArray())).MustBe(250);
        }

        Assert.Empty(await silent.ReadToEndAsync());
        Assert.Empty(await half.ReadToEndAsync());
        await CountedAsync(node, "failed", 2);
        Assert.Equal(0, node.Services.GetRequiredService<HandshakeSlots>().Taken);
    }

    [Fact]
    public async Task A_client_that_wants_another_protocol_is_refused()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var browser = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await Assert.ThrowsAnyAsync<Exception>(() => browser.StartTlsAsync(new SslClientAuthenticationOptions
        {
            ApplicationProtocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2],
        }));
        await using var mailer = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await mailer.StartTlsAsync(new SslClientAuthenticationOptions { ApplicationProtocols = [new("smtp")] });
        (await mailer.ReadReplyAsync()).MustBe(220);
    }

    [Fact]
    public async Task Clients_that_say_nothing_of_TLS_hold_no_place_for_a_handshake()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail, replace: services => services.Replace(ServiceDescriptor.Singleton(new HandshakeSlots(1, 1))));
        await using var silent = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await using var half = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await half.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01 });
        await using var first = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        (await first.CommandAsync("STARTTLS")).MustBe(220); // and says no more
        await using var second = await EncryptedAsync(node, Offered);
        (await second.CommandAsync("EHLO client.example")).MustBe(250);
        await using var third = await EncryptedAsync(node, Implicit);
        (await third.CommandAsync("EHLO client.example")).MustBe(250);
        await first.StartTlsAsync();
        (await first.CommandAsync("EHLO client.example")).MustBe(250);
    }

    [Fact]
    public async Task A_client_that_stops_behind_its_hello_gives_way_to_the_next_one()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail, replace: services => services.Replace(ServiceDescriptor.Singleton(new HandshakeSlots(1, 1))));
        await using var stuck = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
        await stuck.SendAsync(await HelloAsync());
        await Eventually.TrueAsync(
            () => node.Services.GetRequiredService<HandshakeSlots>() is { Taken: 1 } slots && slots.HasPlace(IPAddress.Loopback));
        await using var next = await EncryptedAsync(node, Offered);
        (await next.CommandAsync("EHLO client.example")).MustBe(250);
        await stuck.ReadToEndAsync(); // it was cut
        await CountedAsync(node, "refused", 1);
        Assert.Equal(0, node.Services.GetRequiredService<HandshakeSlots>().Taken);
    }

    [Fact]
    public async Task Where_all_places_are_taken_STARTTLS_waits_for_another_time_and_a_connection_that_begins_with_TLS_is_closed()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail, replace: services => services.Replace(ServiceDescriptor.Singleton(new HandshakeSlots(1, 1))));
        await using var first = await SmtpTestClient.GreetAsync(node.Listeners[Offered]);
        using (node.Services.GetRequiredService<HandshakeSlots>().TryTake(IPAddress.Loopback, static () => { }))
        {
            Assert.Equal("4.7.0 TLS not available at the moment", (await first.CommandAsync("STARTTLS")).MustBe(454).Text);
            await using var second = await SmtpTestClient.ConnectAsync(node.Listeners[Implicit]);
            await second.SendAsync(await HelloAsync());
            Assert.Empty(await second.ReadToEndAsync());
        }

        (await first.CommandAsync("STARTTLS")).MustBe(220);
        await first.StartTlsAsync();
        (await first.CommandAsync("EHLO client.example")).MustBe(250);
        await CountedAsync(node, "refused", 2);
    }

    [Fact]
    public async Task A_new_certificate_is_for_new_connections_and_the_old_ones_go_on()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var before = await EncryptedAsync(node, Implicit);
        using var next = _files.Authority.For("new.relay.example");
        _files.Write(next);
        await node.Services.GetRequiredService<CertificateWatch>().LookAsync();
        await using var after = await EncryptedAsync(node, Implicit);
        Assert.NotEqual(next.Thumbprint, Thumbprint(before));
        Assert.Equal(next.Thumbprint, Thumbprint(after));
        (await before.CommandAsync("EHLO client.example")).MustBe(250);
        Assert.Contains(
            $"relay_tls_certificate_expiry_seconds {TestCertificates.To.ToUnixTimeSeconds()}",
            (await node.Api.GetStringAsync("/metrics")).Replace("{}", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_many_records_arrives_whole()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await EncryptedAsync(node, Implicit);
        (await client.CommandAsync("EHLO client.example")).MustBe(250);
        var content = Encoding.ASCII.GetBytes("Subject: large\r\n\r\n" + string.Concat(Enumerable.Range(0, 30_000).Select(i => $"line {i} of many\r\n")));
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], content)).MustBe(250);
        Assert.Equal(content, ReceivedMail.Split(await mail.NextAsync()).Original);
    }

    [Fact]
    public async Task A_node_that_drains_ends_a_conversation_under_TLS_behind_the_mail_it_is_in()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var idle = await EncryptedAsync(node, Implicit);
        (await idle.CommandAsync("EHLO client.example")).MustBe(250);
        await using var client = await EncryptedAsync(node, Implicit);
        (await client.CommandAsync("EHLO client.example")).MustBe(250);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("DATA")).MustBe(354);
        await client.SendAsync("Subject: half\r\n\r\n");
        var stopping = node.StopAsync();
        (await idle.ReadReplyAsync()).MustBe(421); // so the drain has begun, and the other connection was woken
        await client.SendAsync("the other half\r\n.\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        (await client.ReadReplyAsync()).MustBe(421);
        Assert.Empty(await client.ReadToEndAsync());
        await stopping;
    }

    // What a client of TLS says first.
    private static async Task<byte[]> HelloAsync()
    {
        var (sent, received) = (new Pipe(), new Pipe());
        await using var client = new SslStream(new DuplexPipeStream(new Ends(received.Reader, sent.Writer)));
        var shaking = client.AuthenticateAsClientAsync("mx.relay.example");
        var hello = (await sent.Reader.ReadAsync()).Buffer.ToArray();
        await received.Writer.CompleteAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => shaking);
        return hello;
    }

    private Task<RunningNode> StartAsync(
        ReceivedMail mail, ConnectionTimes? times = null, ListenerTlsSection? section = null, Action<IServiceCollection>? replace = null) => RunningNode.StartAsync(
        RunningNode.PolicyTo(mail.Sink.BoundEndPoint),
        settings => settings with { Listeners = All, Tls = section ?? _files.Section },
        times,
        replace);

    /// <summary>Waits until as many handshakes have ended so: a connection that is cut ends for the client first.</summary>
    private static async Task CountedAsync(RunningNode node, string result, int count)
    {
        var line = $"relay_tls_handshakes_total{{result=\"{result}\"}} {count}";
        await Eventually.TrueAsync(async () => (await node.Api.GetStringAsync("/metrics")).Contains(line, StringComparison.Ordinal), seconds: 60);
    }

    private static string? Thumbprint(SmtpTestClient client) => (client.Tls.RemoteCertificate as X509Certificate2)?.Thumbprint;

    /// <summary>Connects to a listener and gets under TLS as it wants; EHLO is next.</summary>
    private static async Task<SmtpTestClient> EncryptedAsync(RunningNode node, int listener, SslClientAuthenticationOptions? options = null)
    {
        if (listener != Implicit)
        {
            var client = await SmtpTestClient.GreetAsync(node.Listeners[listener]);
            (await client.CommandAsync("STARTTLS")).MustBe(220);
            await client.StartTlsAsync(options);
            return client;
        }

        var begun = await SmtpTestClient.ConnectAsync(node.Listeners[listener]);
        await begun.StartTlsAsync(options);
        (await begun.ReadReplyAsync()).MustBe(220);
        return begun;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
