using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Node.Settings;

namespace Relay.Node.Encryption;

/// <summary>A certificate with its key and chain, and who may vouch for clients: what handshakes are made of.</summary>
internal sealed class TlsMaterial
{
    private TlsMaterial(SslStreamCertificateContext certificate, ClientAuthorities? authorities)
    {
        Certificate = certificate;
        Authorities = authorities;
        var leaf = certificate.TargetCertificate;
        Subject = ShownText.Clean(leaf.Subject);
        NotBefore = leaf.NotBefore.ToUniversalTime();
        NotAfter = leaf.NotAfter.ToUniversalTime();
    }

    /// <summary>The certificate, its key and the certificates between it and a root.</summary>
    public SslStreamCertificateContext Certificate { get; }

    /// <summary>Who may vouch for clients; null: no client is asked for a certificate.</summary>
    public ClientAuthorities? Authorities { get; }

    /// <summary>Whom the certificate names, for people.</summary>
    public string Subject { get; }

    /// <summary>When it begins to be valid, UTC.</summary>
    public DateTime NotBefore { get; }

    /// <summary>When it expires, UTC.</summary>
    public DateTime NotAfter { get; }

    /// <summary>Why it is not valid at a time; null when it is.</summary>
    public string? ProblemAt(DateTime now) =>
        now > NotAfter ? $"the certificate \"{Subject}\" expired at {NotAfter:yyyy-MM-dd HH:mm:ss}Z"
        : now < NotBefore ? $"the certificate \"{Subject}\" is valid only from {NotBefore:yyyy-MM-dd HH:mm:ss}Z"
        : null;

    /// <summary>Puts the files' contents together.</summary>
    /// <exception cref="TlsFileException">They do not hold what they must; it says which file, and why.</exception>
    public static TlsMaterial Of(TlsFiles files)
    {
        var certificates = CertificatesIn(files.Certificate);
        var target = WithKey(files, certificates[0]);
        certificates.RemoveAt(0);
        var authorities = files.ClientAuthorities is { } file ? AuthoritiesIn(file) : null;
        var trust = authorities is null
            ? null
            : SslCertificateTrust.CreateForX509Collection([.. authorities.Roots, .. authorities.Intermediates], sendTrustInHandshake: true);
        // Offline: what the file does not have of the chain is not looked for elsewhere.
        return new TlsMaterial(SslStreamCertificateContext.Create(target, certificates, offline: true, trust), authorities);
    }

    private static X509Certificate2Collection CertificatesIn(TlsFile file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(file.Text);
        }
        catch (CryptographicException e)
        {
            throw new TlsFileException(file, $"a certificate in it cannot be read: {ShownText.Clean(e.Message)}");
        }

        return certificates.Count > 0 ? certificates : throw new TlsFileException(file, "has no certificate (PEM, \"BEGIN CERTIFICATE\")");
    }

    private static X509Certificate2 WithKey(TlsFiles files, X509Certificate2 leaf)
    {
        var pem = files.Key.Text;
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new TlsFileException(files.Key, "is encrypted: a relay starts without anybody there to give a password");
        }

        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new TlsFileException(files.Key, "has no private key (PEM, \"BEGIN PRIVATE KEY\")");
        }

        try
        {
            return X509Certificate2.CreateFromPem(leaf.ExportCertificatePem(), pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new TlsFileException(
                files.Key, $"is not the key of the first certificate in {files.Certificate.Name}: {ShownText.Clean(e.Message)}");
        }
    }

    private static ClientAuthorities AuthoritiesIn(TlsFile file)
    {
        var (roots, intermediates) = (new X509Certificate2Collection(), new X509Certificate2Collection());
        foreach (var certificate in CertificatesIn(file))
        {
            var isRoot = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
            (isRoot ? roots : intermediates).Add(certificate);
        }

        return roots.Count > 0
            ? new ClientAuthorities(roots, intermediates)
            : throw new TlsFileException(file, "has no root: a certificate that was issued by itself must end every chain");
    }
}
