using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.TestKit.Smtp;

/// <summary>A root of its own and what it vouches for; made anew for each test, and known to nobody else.</summary>
public sealed class TestCertificates : IDisposable
{
    /// <summary>When certificates begin to be valid.</summary>
    public static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When they expire.</summary>
    public static readonly DateTimeOffset To = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    // NameConstraints ::= { permittedSubtrees [0] { { base rfc822Name [1] "evil.example" } } }
    private static readonly X509Extension EvilMailboxesOnly =
        new("2.5.29.30", [0x30, 0x12, 0xA0, 0x10, 0x30, 0x0E, 0x81, 0x0C, .. "evil.example"u8], critical: true);

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    /// <summary>Makes the root.</summary>
    public TestCertificates()
    {
        _root = Authority("Relay test root", null);
        _intermediate = Authority("Relay test intermediate", _root);
    }

    /// <summary>The root as a file that SSL_CERT_FILE may name.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>An authority between the root and certificates.</summary>
    public string IntermediatePem => _intermediate.ExportCertificatePem();

    /// <summary>A certificate for a name or an address.</summary>
    public X509Certificate2 For(string host) => For(host, To);

    /// <summary>A certificate for a name or an address that expires at a time of the test's.</summary>
    public X509Certificate2 For(string host, DateTimeOffset expires, bool byIntermediate = false)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        return Issue("CN=server", ForServers, names, byIntermediate ? _intermediate : _root, expires);
    }

    /// <summary>A certificate of a client.</summary>
    /// <param name="subject">Whom it is for: <c>CN=alice</c>.</param>
    /// <param name="names">Its alternative names; null for none.</param>
    /// <param name="byIntermediate">Not the root itself issues it.</param>
    /// <param name="expires">When it expires; null: not in the time of a test.</param>
    /// <param name="forServers">It may not be used by clients.</param>
    public X509Certificate2 ForClient(
        string subject,
        Action<SubjectAlternativeNameBuilder>? names = null,
        bool byIntermediate = false,
        DateTimeOffset? expires = null,
        bool forServers = false)
    {
        SubjectAlternativeNameBuilder? builder = null;
        if (names is not null)
        {
            builder = new SubjectAlternativeNameBuilder();
            names(builder);
        }

        return Issue(subject, forServers ? ForServers : ForClients, builder, byIntermediate ? _intermediate : _root, expires ?? To);
    }

    /// <summary>A certificate of a node of a cluster: it calls and is called.</summary>
    /// <param name="expires">When it expires; null: not in the time of a test.</param>
    public X509Certificate2 ForNode(DateTimeOffset? expires = null) => Issue("CN=node", null, null, _root, expires ?? To);

    /// <summary>A certificate of a client below a row of authorities, the last of which may vouch for mailboxes of one domain only.</summary>
    /// <param name="subject">Whom it is for.</param>
    /// <param name="authorities">How many stand between it and the root.</param>
    /// <returns>The certificate, and what vouches for it but for the root.</returns>
    public (X509Certificate2 Client, X509Certificate2Collection Authorities) ForClientBelow(string subject, int authorities)
    {
        var (issuer, between) = (_root, new X509Certificate2Collection());
        for (var i = authorities; i > 0; i--)
        {
            issuer = Authority($"Relay test authority {i}", issuer, i == 1 ? EvilMailboxesOnly : null);
            between.Add(issuer);
        }

        return (Issue(subject, ForClients, null, issuer, To), between);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer, X509Extension? constraint = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (constraint is not null)
        {
            request.CertificateExtensions.Add(constraint);
        }

        if (issuer is null)
        {
            return request.CreateSelfSigned(From, To);
        }

        using var certificate = request.Create(issuer, From, To, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Issue(
        string subject, Oid? usage, SubjectAlternativeNameBuilder? names, X509Certificate2 issuer, DateTimeOffset expires)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        var usages = new OidCollection();
        foreach (var oid in usage is null ? new[] { ForServers, ForClients } : [usage])
        {
            usages.Add(oid);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        using var certificate = request.Create(issuer, From, expires, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
