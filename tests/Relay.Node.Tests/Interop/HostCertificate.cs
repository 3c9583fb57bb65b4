using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Node.Tests.Interop;

/// <summary>A certificate of its own for a host, as most mail exchangers have: made for one test.</summary>
internal static class HostCertificate
{
    /// <summary>Writes <c>cert.pem</c> and <c>key.pem</c> into a folder.</summary>
    public static async Task WriteAsync(string folder, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
