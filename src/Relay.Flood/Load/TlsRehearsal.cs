using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Flood.Load;

/// <summary>One handshake of this program with itself, over loopback: what the first one of a process costs is not to be measured as the relay's.</summary>
internal static class TlsRehearsal
{
    public static async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var certificate = MakeCertificate(time.GetUtcNow());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificate, cancellationToken);
        await using var talk = await SmtpTalk.ConnectAsync((IPEndPoint)listener.LocalEndpoint, source: null, cancellationToken);
        await talk.EncryptAsync(cancellationToken);
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        using var accepted = await listener.AcceptTcpClientAsync(cancellationToken);
        await using var stream = new SslStream(accepted.GetStream());
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
    }

    private static X509Certificate2 MakeCertificate(DateTimeOffset now)
    {
        using var key = ECDsa.Create(OwnCertificate.Curve);
        using var made = OwnCertificate.Make("localhost", key, now);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null); // a key that not all systems would use otherwise
    }
}
