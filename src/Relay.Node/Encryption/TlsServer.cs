using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Smtp.Server;

namespace Relay.Node.Encryption;

/// <summary>The server side of TLS for all listeners of a node.</summary>
/// <remarks>
/// No timer here: the sweep of connections ends a handshake that is late. A handshake that fails ends its connection, which never goes on in
/// plaintext.
/// </remarks>
internal sealed class TlsServer
{
    /// <summary>Handshakes of a node at once, each from the client's hello on. Over it the one that has waited longest for its client is cut. Default 1,000.</summary>
    public const int HandshakesMax = 1000;

    /// <summary>Handshakes of one IPv4 /24 or IPv6 /48 at once; over it one of its own is cut. Default 250.</summary>
    public const int HandshakesPerNetworkMax = 250;

    private const string NoPlace = "as many handshakes are on as may be";

    /// <summary>Octets of a client's part of a handshake. Default 12 KiB: a hello and three certificates of the largest kind that is in use. A chain
    /// costs us a signature for each of its certificates before anybody knows whose it is.</summary>
    public const int HandshakeOctetsMax = 12 * 1024;

    // A client that asks by ALPN for another protocol is refused: a browser cannot be made to send its request here (RFC 7301 section 3.2).
    private static readonly List<SslApplicationProtocol> Protocols = [new("smtp")];

    // An ephemeral key exchange and authenticated encryption, nothing else (RFC 9325 section 4.2). Windows has a list of its own.
    private static readonly CipherSuitesPolicy? Suites = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy(
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ]);

    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly CertificateWatch _certificates;
    private readonly HandshakeSlots _slots;
    private readonly HandshakeFailures _failures;

    public TlsServer(CertificateWatch certificates, HandshakeSlots slots, HandshakeFailures failures, TlsMetrics metrics)
    {
        _certificates = certificates;
        _slots = slots;
        _failures = failures;
        Metrics = metrics;
    }

    /// <summary>The counters.</summary>
    public TlsMetrics Metrics { get; }

    /// <summary>True when a handshake with a client may begin now.</summary>
    public bool HasPlace(IPAddress client)
    {
        if (_slots.HasPlace(client))
        {
            return true;
        }

        Refuse(client);
        return false;
    }

    /// <summary>Shakes hands with a client.</summary>
    /// <param name="plain">The connection; what comes next on it is the client's hello. Until it is there nothing is done, and no place is held.</param>
    /// <param name="client">The client's address, for its share of the places and for the log.</param>
    /// <param name="abort">Closes the connection, so that reads from it end; called on any thread, when the handshake has to give way to others.</param>
    /// <returns>The encrypted conversation; null when there is none, and then the connection is to be closed.</returns>
    public async ValueTask<TlsChannel?> HandshakeAsync(IDuplexPipe plain, IPAddress client, Action abort)
    {
        if (await ProblemOfAsync(plain.Input).ConfigureAwait(false) is { } problem)
        {
            Fail(client, problem);
            return null;
        }

        using var slot = _slots.TryTake(client, abort);
        if (slot is null)
        {
            Refuse(client);
            return null;
        }

        var verified = new VerifiedClient(isDemanded: false);
        var octets = new DuplexPipeStream(plain);
        octets.Limit(HandshakeOctetsMax, slot);
        var stream = new SslStream(octets, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsServerAsync(OptionsFor(_certificates.Current, verified)).ConfigureAwait(false);
            octets.Limit(null);
            var facts = new TlsFacts(VersionOf(stream.SslProtocol), stream.NegotiatedCipherSuite.ToString(), verified.Identity);
            Metrics.Handshake(HandshakeResult.Succeeded);
            return new TlsChannel(stream, facts);
        }
        catch (Exception e)
        {
            // Whatever strangers can bring about in there, it is one conversation that does not begin.
            if (slot.HasGivenWay)
            {
                Refuse(client);
            }
            else
            {
                Fail(client, HandshakeCause.Of(e));
            }

            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Shakes hands with itself, before any client can: the first handshake of a process takes the processor a hundred times as long as another one.</summary>
    /// <returns>Why there is none with this certificate; null when all is well.</returns>
    public async Task<string?> RehearseAsync()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var server = new SslStream(new DuplexPipeStream(new PipeEnds(toServer.Reader, toClient.Writer)));
        await using var client = new SslStream(new DuplexPipeStream(new PipeEnds(toClient.Reader, toServer.Writer)));
        Task[] sides =
        [
            server.AuthenticateAsServerAsync(OptionsFor(_certificates.Current, new VerifiedClient(isDemanded: false))),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            }),
        ];
        try
        {
            // A side that fails leaves the other one waiting.
            await (await Task.WhenAny(sides).ConfigureAwait(false)).ConfigureAwait(false);
            await Task.WhenAll(sides).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or InvalidOperationException)
        {
            return HandshakeCause.Of(e);
        }
    }

    private void Refuse(IPAddress client)
    {
        Metrics.Handshake(HandshakeResult.Refused);
        _failures.Add(client, NoPlace);
    }

    private void Fail(IPAddress client, string cause)
    {
        Metrics.Handshake(HandshakeResult.Failed);
        _failures.Add(client, cause);
    }

    // Waits for the client's hello, and leaves it where it is.
    private static async ValueTask<string?> ProblemOfAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                return HandshakeCause.Of(e);
            }

            var hello = result.Buffer;
            var finding = ClientHello.Look(hello);
            var isOver = finding != HelloFinding.Incomplete || result.IsCompleted;
            input.AdvanceTo(hello.Start, isOver ? hello.Start : hello.End);
            if (isOver)
            {
                return finding switch
                {
                    HelloFinding.Sound => null,
                    HelloFinding.FiniteField => "the client wants a key exchange over a finite field (FFDHE)",
                    HelloFinding.NotTls => "the client does not begin with one whole hello of TLS",
                    _ => "the client left before its hello was whole",
                };
            }
        }
    }

    private static SslServerAuthenticationOptions OptionsFor(TlsMaterial material, VerifiedClient verified)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = Suites,
            ApplicationProtocols = Protocols,
            AllowRenegotiation = false,
            // A ticket would outlive its certificate, and vouch for a client that nobody has looked at. OpenSSL sends two in TLS 1.3 all the same, 158
            // octets that nothing is resumed by: .NET has no way to ask it for none.
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (material.Authorities is { } authorities)
        {
            options.ClientCertificateRequired = true; // asked for; the callback demands none
            options.CertificateChainPolicy = PolicyFor(authorities);
            options.RemoteCertificateValidationCallback = verified.Look;
        }

        return options;
    }

    // Only our own authorities count, and nobody is asked for anything over the network.
    private static X509ChainPolicy PolicyFor(ClientAuthorities authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities.Roots);
        policy.ExtraStore.AddRange(authorities.Intermediates);
        policy.ApplicationPolicy.Add(ClientAuthentication);
        return policy;
    }

    private static string VersionOf(SslProtocols protocol) => protocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2";

    private sealed record PipeEnds(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>What the client's certificate proves.</summary>
    private sealed class VerifiedClient
    {
        private readonly bool _isDemanded;

        public VerifiedClient(bool isDemanded)
        {
            _isDemanded = isDemanded;
        }

        public string? Identity { get; private set; }

        public bool Look(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors == SslPolicyErrors.None && certificate is X509Certificate2 verified)
            {
                Identity = ClientIdentity.Of(verified, chain?.ChainElements.Skip(1).Select(static element => element.Certificate) ?? []);
            }

            return !_isDemanded || errors == SslPolicyErrors.None;
        }
    }
}
