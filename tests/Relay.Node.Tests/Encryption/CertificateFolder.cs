using System.Security.Cryptography.X509Certificates;
using Relay.Node.Settings;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Encryption;

/// <summary>The files of a node's certificate, in a folder of their own.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-tls-").FullName;

    public CertificateFolder()
    {
        using var certificate = Authority.For("mx.relay.example");
        Write(certificate);
    }

    public TestCertificates Authority { get; } = new();

    public ListenerTlsSection Section => new() { CertificateFile = CertificateFile, KeyFile = KeyFile };

    public string CertificateFile => Path.Combine(_folder, "relay.pem");

    public string KeyFile => Path.Combine(_folder, "relay.key");

    public string AuthoritiesFile => Path.Combine(_folder, "clients.pem");

    public static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Write(X509Certificate2 certificate, params string[] chain)
    {
        File.WriteAllText(CertificateFile, string.Join('\n', [certificate.ExportCertificatePem(), .. chain]));
        File.WriteAllText(KeyFile, KeyOf(certificate));
    }

    public void Dispose()
    {
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
