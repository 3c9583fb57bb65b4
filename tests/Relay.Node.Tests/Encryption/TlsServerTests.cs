using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Node.Encryption;
using Relay.Smtp.Server;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Encryption;

/// <summary>Handshakes over pipes in memory: what is settled, and what a client's certificate proves.</summary>
public sealed class TlsServerTests : IDisposable
{
    private readonly CertificateFolder _files = new();
    private readonly TestCertificates _clients = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose()
    {
        _clients.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task A_client_is_not_asked_for_a_certificate_unless_authorities_are_named()
    {
        using var alice = _clients.ForClient("CN=alice");
        var facts = await HandshakeAsync(alice, authorities: null);
        Assert.Equal("TLS 1.3", facts.Version);
        Assert.StartsWith("TLS_", facts.CipherSuite, StringComparison.Ordinal);
        Assert.Equal($"TLS 1.3 {facts.CipherSuite}", facts.Summary);
        Assert.Null(facts.ClientIdentity);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_certificate_of_our_authorities_names_the_client(SslProtocols version)
    {
        using var alice = _clients.ForClient("CN=x", names => names.AddEmailAddress("alice@relay.example"));
        Assert.Equal("alice@relay.example", (await HandshakeAsync(alice, _clients.RootPem, version)).ClientIdentity);
    }

    [Fact]
    public async Task A_client_without_a_certificate_goes_on_as_anybody() =>
        Assert.Null((await HandshakeAsync(null, _clients.RootPem)).ClientIdentity);

    [Fact]
    public async Task A_certificate_of_somebody_else_proves_nothing()
    {
        using var strangers = new TestCertificates();
        using var alice = strangers.ForClient("CN=alice");
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem)).ClientIdentity);
    }

    [Fact]
    public async Task A_certificate_that_is_expired_proves_nothing()
    {
        using var alice = _clients.ForClient("CN=alice", expires: TestCertificates.From.AddDays(1));
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem)).ClientIdentity);
    }

    [Fact]
    public async Task A_certificate_for_servers_proves_nothing()
    {
        using var alice = _clients.ForClient("CN=alice", forServers: true);
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem)).ClientIdentity);
    }

    [Fact]
    public async Task An_authority_between_counts_when_it_is_known_here()
    {
        using var alice = _clients.ForClient("CN=alice", byIntermediate: true);
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem)).ClientIdentity);
        Assert.Equal("alice", (await HandshakeAsync(alice, _clients.RootPem + "\n" + _clients.IntermediatePem)).ClientIdentity);
    }

    [Fact]
    public async Task Our_own_certificates_issuer_is_no_authority_over_clients()
    {
        using var alice = _files.Authority.ForClient("CN=alice");
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem)).ClientIdentity);
    }

    [Fact]
    public async Task Constraints_of_an_authority_are_not_walked_round_by_a_common_name()
    {
        var (alice, authorities) = _clients.ForClientBelow("CN=alice@relay.example", 1);
        Assert.Null((await HandshakeAsync(alice, _clients.RootPem, chain: authorities)).ClientIdentity);
    }

    [Fact]
    public async Task A_long_chain_of_certificates_is_not_looked_at()
    {
        var (short1, authorities) = _clients.ForClientBelow("CN=alice", 5);
        Assert.Equal("TLS 1.3", (await HandshakeAsync(short1, _clients.RootPem, chain: authorities)).Version);
        var (deep, many) = _clients.ForClientBelow("CN=alice", 40);
        Assert.Null(await TryHandshakeAsync(deep, _clients.RootPem, chain: many));
    }

    [Fact]
    public async Task A_server_shakes_hands_with_itself_and_counts_it_nowhere()
    {
        var log = new TlsLog(NullLogger<TlsLog>.Instance);
        var files = await TlsFiles.ReadAsync(_files.Section, CancellationToken.None);
        using var watch = new CertificateWatch(_files.Section, files, TlsMaterial.Of(files), log, _time);
        using var failures = new HandshakeFailures(log, _time);
        using var metrics = new TlsMetrics(new MeterScope(), () => watch.Current.NotAfter);
        Assert.Null(await new TlsServer(watch, new HandshakeSlots(0, 0), failures, metrics).RehearseAsync());
    }

    private async Task<TlsFacts> HandshakeAsync(
        X509Certificate2? certificate, string? authorities, SslProtocols version = SslProtocols.None, X509Certificate2Collection? chain = null) =>
        (await TryHandshakeAsync(certificate, authorities, version, chain))!;

    private async Task<TlsFacts?> TryHandshakeAsync(
        X509Certificate2? certificate, string? authorities, SslProtocols version = SslProtocols.None, X509Certificate2Collection? chain = null)
    {
        var section = _files.Section;
        if (authorities is not null)
        {
            await File.WriteAllTextAsync(_files.AuthoritiesFile, authorities);
            section = section with { ClientAuthoritiesFile = _files.AuthoritiesFile };
        }

        var log = new TlsLog(NullLogger<TlsLog>.Instance);
        var files = await TlsFiles.ReadAsync(section, CancellationToken.None);
        using var watch = new CertificateWatch(section, files, TlsMaterial.Of(files), log, _time);
        using var failures = new HandshakeFailures(log, _time);
        using var metrics = new TlsMetrics(new MeterScope(), () => watch.Current.NotAfter);
        var server = new TlsServer(watch, new HandshakeSlots(1, 1), failures, metrics);
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var client = new SslStream(new DuplexPipeStream(new Ends(toClient.Reader, toServer.Writer)));
        var shaking = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "mx.relay.example",
            EnabledSslProtocols = version,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, chain, offline: true),
            RemoteCertificateValidationCallback = static (_, remote, _, _) => remote is not null,
        });
        await using var channel = await server.HandshakeAsync(new Ends(toServer.Reader, toClient.Writer), IPAddress.Loopback, static () => { }).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        if (channel is null)
        {
            return null; // the client has said its part, and may not know yet
        }

        await shaking;
        return channel.Facts;
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
