using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Flood.Load;

/// <summary>Certificates of this program's own making, for servers that nobody has to trust.</summary>
internal static class OwnCertificate
{
    /// <summary>The curve of their keys.</summary>
    public static ECCurve Curve => ECCurve.NamedCurves.nistP256;

    /// <summary>Makes one that has begun a day ago, so that no clock refuses it, and lasts for a month.</summary>
    public static X509Certificate2 Make(string host, ECDsa key, DateTimeOffset now) =>
        new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
}
