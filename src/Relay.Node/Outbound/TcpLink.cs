using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Relay.Actors.Deliveries;

namespace Relay.Node.Outbound;

/// <summary>A TCP connection to a next hop, and its upgrade to TLS.</summary>
internal sealed class TcpLink : IOutboundLink
{
    // Small enough that twenty connections with a large body each stay small, large enough for one write a block.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: 8192, leaveOpen: true);

    private readonly Socket _socket;
    private Stream _stream;

    public TcpLink(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        Input = PipeReader.Create(_stream, ReaderOptions);
        Output = PipeWriter.Create(_stream, WriterOptions);
    }

    public PipeReader Input { get; private set; }

    public PipeWriter Output { get; private set; }

    public bool HasArrived => _socket.Available > 0;

    public async Task<TlsFacts> StartTlsAsync(NextHop hop, bool mustVerify, CancellationToken cancellation)
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        await Output.CompleteAsync().ConfigureAwait(false);
        var found = SslPolicyErrors.None;
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        var options = Options(NameOf(hop));
        options.RemoteCertificateValidationCallback = (_, _, _, errors) =>
        {
            found = errors;
            return !mustVerify || errors == SslPolicyErrors.None;
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        }
        catch (AuthenticationException) when (mustVerify && found != SslPolicyErrors.None)
        {
            throw new AuthenticationException($"the certificate is not valid for {NameOf(hop)}: {Describe(found)}");
        }

        Input = PipeReader.Create(tls, ReaderOptions);
        Output = PipeWriter.Create(tls, WriterOptions);
        return new TlsFacts($"{VersionOf(tls.SslProtocol)} {tls.NegotiatedCipherSuite}", found == SslPolicyErrors.None);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static SslClientAuthenticationOptions Options(string host) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        // Nobody is asked for anything while a stranger's certificate is looked at: it would name the place.
        CertificateChainPolicy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
    };

    // A host that is an address literal is known by the address.
    private static string NameOf(NextHop hop) => hop.Host.StartsWith('[') ? hop.EndPoint.Address.ToString() : hop.Host;

    private static string VersionOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "TLS 1.2",
        SslProtocols.Tls13 => "TLS 1.3",
        _ => protocol.ToString(),
    };

    private static string Describe(SslPolicyErrors errors) => errors switch
    {
        SslPolicyErrors.RemoteCertificateNameMismatch => "it is for another name",
        SslPolicyErrors.RemoteCertificateChainErrors => "no root of this system vouches for it, or its time is over",
        SslPolicyErrors.RemoteCertificateNotAvailable => "there is none",
        _ => "it is for another name, and no root of this system vouches for it",
    };
}
